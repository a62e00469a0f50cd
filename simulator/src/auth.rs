//! Whose request it is: the key in `x-apikey`, and what it still may do.

use crate::calendar;
use crate::reply::ApiError;
use crate::server::Call;
use crate::shared::Shared;
use crate::world::World;

/// The desk of the key's owner.
pub(crate) fn desk_of(call: &Call, shared: &Shared) -> Result<usize, ApiError> {
    let Some(key) = call.header("x-apikey").filter(|key| !key.is_empty()) else {
        return Err(ApiError::new(401, "AuthenticationRequiredError", "X-Apikey header is missing"));
    };
    shared.number_of(key).ok_or_else(|| ApiError::new(401, "WrongCredentialsError", "Wrong API key"))
}

/// Counts the request against the user's allowances. Asking about one's own account is free.
pub(crate) fn charge(world: &mut World, desk: usize, call: &Call, shared: &Shared) -> Result<(), ApiError> {
    let now = shared.clock.now();
    let free = call.path.starts_with("/api/v3/users/");
    let desk = &mut world.desks[desk];
    desk.usage.renew(now);
    if !free {
        let usage = &mut desk.usage;
        let options = &shared.options;
        let spent = usage.hourly >= options.hourly_request_quota
            || usage.daily >= options.daily_request_quota
            || usage.monthly >= options.monthly_request_quota;
        if spent {
            // Which of the three it was is not said.
            return Err(ApiError::quota());
        }
        usage.hourly += 1;
        usage.daily += 1;
        usage.monthly += 1;
        let day = desk.requests_by_day.entry(calendar::day_text(now)).or_default();
        *day.entry(crate::account::endpoint(&call.path)).or_default() += 1;
    }
    Ok(())
}
