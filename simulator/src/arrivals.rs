//! What a test puts into a user's collections or takes out of them without a request: arrivals in any number within one
//! second, and deletions as another client of the same user makes them between two pages.

use crate::Simulator;
use crate::{ioc_stream, livehunt};

impl Simulator {
    /// Puts that many entries into the IoC stream of the (first) key's user, as subscriptions do, all of them dated
    /// [`now`](Self::now). Returns the ids of their notifications, in the order made.
    pub fn add_stream_notifications(&self, count: usize) -> Vec<String> {
        ioc_stream::add(&self.shared, 0, count)
    }

    /// The same for the user of another key.
    ///
    /// # Panics
    /// If the simulator does not accept the key.
    pub fn add_stream_notifications_for(&self, key: &str, count: usize) -> Vec<String> {
        ioc_stream::add(&self.shared, self.number_of(key), count)
    }

    /// Makes that many livehunt notifications for the (first) key's user, all of them dated [`now`](Self::now), and as
    /// always with an entry in the IoC stream for each. Returns the ids of the notifications, in the order made.
    ///
    /// They name the user's first enabled ruleset for files and its first rule or, if there is none, a ruleset that is no
    /// longer there. Nothing is scanned, and they do not count against the ruleset's limit. A corpus without samples has
    /// no file to notify about: then there are none.
    pub fn add_hunting_notifications(&self, count: usize) -> Vec<String> {
        livehunt::add_notifications(&self.shared, 0, count)
    }

    /// The same for the user of another key.
    ///
    /// # Panics
    /// If the simulator does not accept the key.
    pub fn add_hunting_notifications_for(&self, key: &str, count: usize) -> Vec<String> {
        livehunt::add_notifications(&self.shared, self.number_of(key), count)
    }

    /// Id and date of every entry that the IoC stream of the (first) key's user holds now, in the order made: that is not
    /// the order of the dates once the clock was set back.
    pub fn stream_notification_ids(&self) -> Vec<(String, u64)> {
        self.stream_notification_ids_of(0)
    }

    /// The same for the user of another key.
    ///
    /// # Panics
    /// If the simulator does not accept the key.
    pub fn stream_notification_ids_for(&self, key: &str) -> Vec<(String, u64)> {
        self.stream_notification_ids_of(self.number_of(key))
    }

    /// Id and date of every livehunt notification that the (first) key's user has now, in the order made.
    pub fn hunting_notification_ids(&self) -> Vec<(String, u64)> {
        self.hunting_notification_ids_of(0)
    }

    /// The same for the user of another key.
    ///
    /// # Panics
    /// If the simulator does not accept the key.
    pub fn hunting_notification_ids_for(&self, key: &str) -> Vec<(String, u64)> {
        self.hunting_notification_ids_of(self.number_of(key))
    }

    /// Deletes an entry of whichever user's IoC stream, as another client of that user does. Returns whether there was
    /// one with this notification id.
    pub fn delete_stream_notification(&self, id: &str) -> bool {
        let mut world = self.shared.world();
        world.desks.iter_mut().any(|desk| take(&mut desk.stream, |entry| entry.id == id))
    }

    /// Deletes a livehunt notification of whichever user, likewise. Its entry in the IoC stream stays, as always.
    pub fn delete_hunting_notification(&self, id: &str) -> bool {
        let mut world = self.shared.world();
        world.desks.iter_mut().any(|desk| take(&mut desk.notifications, |notification| notification.id == id))
    }

    fn stream_notification_ids_of(&self, desk: usize) -> Vec<(String, u64)> {
        let uptime = self.shared.clock.moment().uptime;
        let desk = &mut self.shared.world().desks[desk];
        // A deletion whose time has come is otherwise done when the next request arrives.
        ioc_stream::finish_deletion(desk, uptime);
        desk.stream.iter().map(|entry| (entry.id.clone(), entry.date)).collect()
    }

    fn hunting_notification_ids_of(&self, desk: usize) -> Vec<(String, u64)> {
        let notifications = &self.shared.world().desks[desk].notifications;
        notifications.iter().map(|notification| (notification.id.clone(), notification.date)).collect()
    }

    fn number_of(&self, key: &str) -> usize {
        self.shared.number_of(key).expect("the simulator does not accept this key")
    }
}

/// Takes out the first that is meant; says whether there was one.
fn take<T>(list: &mut Vec<T>, meant: impl Fn(&T) -> bool) -> bool {
    let position = list.iter().position(meant);
    position.map(|at| list.remove(at)).is_some()
}
