//! How many connections there may be, over all and per peer, and which of them makes room.
//!
//! A connection holds its place while an action of somebody with the token is at work on it. Every other one (which sends
//! nothing, half a head, or reads what is open to all) is asked to leave when a newcomer has no place: the one first that
//! asked for nothing for the longest time. Where all places are held, a newcomer gets one of a few in reserve, on which
//! everything is answered but actions: whoever asks for the health of the gateway learns it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};

use tokio::sync::Notify;

/// The places beyond the others, on which no action is answered.
const RESERVE: usize = 16;

/// All connections.
pub(super) struct Connections {
    most: usize,
    most_per_peer: usize,
    open: Mutex<BTreeMap<u64, Arc<Place>>>,
    clock: Arc<AtomicU64>,
    changed: Arc<Notify>,
}

/// A connection's place, as what reads and writes it sees it.
pub(super) struct Place {
    peer: IpAddr,
    reserve: bool,
    state: Mutex<State>,
    clock: Arc<AtomicU64>,
    changed: Arc<Notify>,
}

struct State {
    phase: Phase,
    /// When it last asked for something, or came: the count of such events until then.
    since: u64,
    /// Whether the answer has been given to the connection as a whole.
    given: bool,
    /// Whether bytes came that no answer was about.
    unread: bool,
    /// Whether it was asked to leave.
    leaving: bool,
    waker: Option<Waker>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No request is at work.
    Waiting,
    /// A request is answered that needs no token.
    Answering,
    /// An action is at work: the place is held.
    Acting,
}

impl Connections {
    pub(super) fn new(most: u32, most_per_peer: u32) -> Arc<Connections> {
        let most = most.max(1) as usize;
        Arc::new(Connections {
            most,
            most_per_peer: (most_per_peer.max(1) as usize).min(most),
            open: Mutex::default(),
            clock: Arc::default(),
            changed: Arc::default(),
        })
    }

    /// Takes a place for a connection from this address. Waits for one that was asked to leave; never for one that is held.
    pub(super) async fn seat(self: &Arc<Connections>, peer: IpAddr) -> Seat {
        let peer = network(peer);
        loop {
            let mut changed = pin!(self.changed.notified());
            // From here on nothing that changes is missed.
            changed.as_mut().enable();
            if let Some(seat) = self.try_seat(peer) {
                return seat;
            }
            changed.await;
        }
    }

    fn try_seat(self: &Arc<Connections>, peer: IpAddr) -> Option<Seat> {
        let mut open = lock(&self.open);
        let usual = || open.values().filter(|place| !place.reserve);
        let own = || usual().filter(|place| place.peer == peer);
        let room = |reserve| Place::new(peer, reserve, &self.clock, &self.changed);
        let place = if own().count() >= self.most_per_peer {
            if ask_the_oldest(own()) {
                return None;
            }
            None
        } else if usual().count() >= self.most {
            if ask_the_oldest(usual()) {
                return None;
            }
            None
        } else {
            Some(room(false))
        };
        let place = match place {
            Some(place) => place,
            None if open.values().filter(|place| place.reserve).count() < RESERVE => room(true),
            None => {
                ask_the_oldest(open.values().filter(|place| place.reserve));
                return None;
            }
        };
        let place = Arc::new(place);
        let number = self.clock.fetch_add(1, Relaxed);
        open.insert(number, Arc::clone(&place));
        Some(Seat { connections: Arc::clone(self), number, place })
    }

    /// Asks all that hold no place to leave: the end is near.
    pub(super) fn all_may_leave(&self) {
        for place in lock(&self.open).values() {
            place.ask_to_leave();
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        lock(&self.open).len()
    }
}

/// Asks the one that asked for nothing for the longest time; false if every one is held.
fn ask_the_oldest<'a>(places: impl Iterator<Item = &'a Arc<Place>>) -> bool {
    let since = |place: &&Arc<Place>| place.idle_since();
    let oldest = places.filter(|place| since(place).is_some()).min_by_key(since);
    oldest.is_some_and(|place| place.ask_to_leave())
}

/// What counts as one peer: an address, or of IPv6 the network that a single subscriber gets.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address => address,
    }
}

/// A connection's place, until it is dropped.
pub(super) struct Seat {
    connections: Arc<Connections>,
    number: u64,
    pub(super) place: Arc<Place>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        lock(&self.connections.open).remove(&self.number);
        self.connections.changed.notify_waiters();
    }
}

impl Place {
    fn new(peer: IpAddr, reserve: bool, clock: &Arc<AtomicU64>, changed: &Arc<Notify>) -> Place {
        let state = State {
            phase: Phase::Waiting,
            since: clock.fetch_add(1, Relaxed),
            given: false,
            unread: false,
            leaving: false,
            waker: None,
        };
        Place { peer, reserve, state: Mutex::new(state), clock: Arc::clone(clock), changed: Arc::clone(changed) }
    }

    /// Whether it is one of those in reserve.
    pub(super) fn is_reserve(&self) -> bool {
        self.reserve
    }

    fn idle_since(&self) -> Option<u64> {
        let state = lock(&self.state);
        (state.phase != Phase::Acting).then_some(state.since)
    }

    /// False if it is held.
    fn ask_to_leave(&self) -> bool {
        let mut state = lock(&self.state);
        if state.phase == Phase::Acting {
            return false;
        }
        state.leaving = true;
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
        true
    }

    /// A request has come.
    pub(super) fn answers(&self) {
        let mut state = lock(&self.state);
        state.phase = Phase::Answering;
        state.given = false;
        state.since = self.clock.fetch_add(1, Relaxed);
    }

    /// It is an action of somebody who may: the place is held until the answer is sent.
    pub(super) fn acts(&self) {
        let mut state = lock(&self.state);
        state.phase = Phase::Acting;
        state.leaving = false;
        drop(state);
        // Whoever waits for this one to leave has to look for another.
        self.changed.notify_waiters();
    }

    /// There is an answer; `whole` if all of the request was read.
    pub(super) fn answered(&self, whole: bool) {
        lock(&self.state).unread = !whole;
    }

    /// The connection has the whole answer, and sends it.
    pub(super) fn given(&self) {
        lock(&self.state).given = true;
    }

    /// All that was given is sent.
    pub(super) fn sent(&self) {
        let mut state = lock(&self.state);
        if !state.given {
            return;
        }
        state.given = false;
        state.phase = Phase::Waiting;
        state.since = self.clock.fetch_add(1, Relaxed);
        drop(state);
        self.changed.notify_waiters();
    }

    /// Bytes came.
    pub(super) fn received(&self) {
        lock(&self.state).unread = true;
    }

    /// Whether bytes may be on the way that nobody will read.
    pub(super) fn has_unread(&self) -> bool {
        lock(&self.state).unread
    }

    /// Nothing comes: whether it is to leave therefore. If not, it is asked again once it is to.
    pub(super) fn leaves_while_waiting(&self, context: &Context<'_>) -> bool {
        self.leaves(Phase::Waiting, context)
    }

    /// The client does not read: whether it is to leave therefore.
    pub(super) fn leaves_while_answering(&self, context: &Context<'_>) -> bool {
        self.leaves(Phase::Answering, context)
    }

    fn leaves(&self, phase: Phase, context: &Context<'_>) -> bool {
        let mut state = lock(&self.state);
        state.waker = Some(context.waker().clone());
        state.leaving && state.phase == phase
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn is_leaving(seat: &Seat) -> bool {
        lock(&seat.place.state).leaving
    }

    #[test]
    fn the_one_that_asked_for_nothing_for_the_longest_time_makes_room() {
        let connections = Connections::new(3, 3);
        let seats: Vec<_> = (0..3).map(|_| connections.try_seat(ONE).expect("room")).collect();
        // The first has asked for something since.
        seats[0].place.answers();
        seats[0].place.given();
        seats[0].place.sent();
        assert!(connections.try_seat(OTHER).is_none(), "it waits for one to leave");
        assert_eq!(seats.iter().map(is_leaving).collect::<Vec<_>>(), [false, true, false]);
        let mut seats = seats;
        drop(seats.remove(1));
        assert!(!connections.try_seat(OTHER).expect("room").place.is_reserve());
    }

    #[test]
    fn what_is_at_work_is_not_asked_and_then_there_is_the_reserve() {
        let connections = Connections::new(2, 2);
        let held: Vec<_> = (0..2).map(|_| connections.try_seat(ONE).expect("room")).collect();
        held.iter().for_each(|seat| seat.place.acts());
        let reserve: Vec<_> = (0..RESERVE).map(|_| connections.try_seat(OTHER).expect("reserve")).collect();
        assert!(reserve.iter().all(|seat| seat.place.is_reserve()));
        assert!(connections.try_seat(OTHER).is_none());
        assert_eq!(reserve.iter().map(is_leaving).filter(|leaving| *leaving).count(), 1);
        assert!(is_leaving(&reserve[0]) && !held.iter().any(is_leaving));
        assert_eq!(connections.count(), 2 + RESERVE);
    }

    #[test]
    fn one_peer_has_its_share_and_leaves_the_others_theirs() {
        let connections = Connections::new(10, 4);
        let held: Vec<_> = (0..4).map(|_| connections.try_seat(ONE).expect("room")).collect();
        held.iter().for_each(|seat| seat.place.acts());
        assert!(connections.try_seat(ONE).expect("reserve").place.is_reserve());
        assert!(!connections.try_seat(OTHER).expect("room").place.is_reserve());
    }

    #[test]
    fn one_that_turns_out_to_act_stays() {
        let connections = Connections::new(1, 1);
        let seat = connections.try_seat(ONE).expect("room");
        assert!(connections.try_seat(OTHER).is_none() && is_leaving(&seat));
        seat.place.answers();
        seat.place.acts();
        assert!(!is_leaving(&seat));
        assert!(connections.try_seat(OTHER).expect("reserve").place.is_reserve());
    }

    #[test]
    fn an_address_is_a_peer_and_so_is_a_network_of_ipv6() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2:3::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), ONE);
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
