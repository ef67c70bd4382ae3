//! From the statements of a player to the stretches that were played, in one session of one
//! content (METRICS: video).
//!
//! A `played` begins a stretch at its position, the next stop ends it. Three things the rule
//! leaves open are settled so that no watching is lost and none is invented:
//!
//! * A second `played` before any stop ends the first where the second begins if playing could
//!   have come that far by then (the clock times the speed, a second of slack, and at most half
//!   an hour of standing still). Otherwise how far the first went is unknown, and it stays open.
//! * A `seeked` out of playing ends a stretch and begins another at `position_to`, as a player
//!   does in its own played segments; likewise `completed`, which a threshold sets off while the
//!   medium plays on. What they begin counts only if a stop follows that playing could reach.
//! * At one instant, what stops a running stretch comes before what begins another.

use super::watching::{Open, Stretch};
use crate::data::schema::Verb;

/// Shorter stretches (seconds) are noise of the player.
const SHORTEST: f64 = 0.25;
/// By so many seconds a player's clock and its positions may differ.
const SLACK: f64 = 1.0;
/// So many seconds a medium may stand still within a stretch that no stop ended.
const PATIENCE: f64 = 1_800.0;

/// What one event tells of playing; numbers that it does not tell are NaN.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    pub(super) verb: Verb,
    pub(super) time: i64,
    pub(super) position: f64,
    pub(super) position_to: f64,
    pub(super) speed: f64,
    /// Seconds until the learner's next event.
    pub(super) gap: f64,
}

/// How often what happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) plays: u32,
    pub(crate) pauses: u32,
    pub(crate) seeks: u32,
    /// Plays that nothing closed.
    pub(crate) open: u32,
}

/// A stretch that goes on.
#[derive(Debug, Clone, Copy)]
struct Running {
    from: f64,
    /// How far playing can have come since.
    reach: f64,
    /// Begun by a `played`, not inferred.
    play: bool,
    /// How far it went if nothing closes it and that is imputed.
    imputed: f64,
}

impl Running {
    fn reaches(&self, position: f64) -> bool {
        let played = position - self.from;
        played >= -SLACK && played <= self.reach + SLACK && self.reach - played <= PATIENCE
    }
}

/// One session of one content, event by event.
pub(super) struct Playing<'a> {
    pub(super) stretches: &'a mut Vec<Stretch>,
    pub(super) counts: &'a mut Counts,
    open: Open,
    length: Option<f64>,
    running: Option<Running>,
    speed: f64,
    last: i64,
}

impl<'a> Playing<'a> {
    pub(super) fn new(
        stretches: &'a mut Vec<Stretch>,
        counts: &'a mut Counts,
        open: Open,
        length: Option<f64>,
    ) -> Self {
        Self {
            stretches,
            counts,
            open,
            length,
            running: None,
            speed: 1.0,
            last: 0,
        }
    }

    /// The events of one instant, in the order of the log.
    pub(super) fn instant(&mut self, events: &[Told]) {
        let first = if self.running.is_some() {
            |told: &Told| told.verb != Verb::Played
        } else {
            |_: &Told| true
        };
        for told in events.iter().filter(|told| first(told)) {
            self.event(told);
        }
        for told in events.iter().filter(|told| !first(told)) {
            self.event(told);
        }
    }

    fn event(&mut self, told: &Told) {
        if let Some(running) = &mut self.running {
            running.reach += (told.time - self.last) as f64 / 1e6 * self.speed;
        }
        self.last = told.time;
        if told.speed > 0.0 {
            self.speed = told.speed;
        }
        match told.verb {
            Verb::Played => {
                self.counts.plays += 1;
                self.give_way(told.position);
                self.running = Some(Running {
                    from: told.position,
                    reach: 0.0,
                    play: true,
                    imputed: self.speed
                        * if told.gap > PATIENCE {
                            PATIENCE
                        } else {
                            told.gap
                        },
                });
            }
            Verb::Seeked | Verb::Completed => {
                let mut to = told.position;
                if told.verb == Verb::Seeked {
                    self.counts.seeks += 1;
                    to = told.position_to;
                }
                if self.stop(told.position) {
                    self.go_on(to);
                }
            }
            Verb::Paused | Verb::Ended | Verb::Terminated => {
                self.counts.pauses += u32::from(told.verb == Verb::Paused);
                self.stop(told.position);
            }
            _ => {}
        }
    }

    /// Ends what runs at a position; whether anything did.
    fn stop(&mut self, position: f64) -> bool {
        let Some(running) = self.running.take() else {
            return false;
        };
        if running.play || running.reaches(position) {
            self.push(running.from, position);
        }
        true
    }

    /// Playing goes on, as far as a later stop shows.
    fn go_on(&mut self, from: f64) {
        self.running = Some(Running {
            from,
            reach: 0.0,
            play: false,
            imputed: 0.0,
        });
    }

    /// What runs ends because something else begins.
    fn give_way(&mut self, position: f64) {
        match self.running.take() {
            Some(running) if running.reaches(position) => self.push(running.from, position),
            Some(running) => self.leave(running),
            None => {}
        }
    }

    /// The session is over.
    pub(super) fn finish(&mut self) {
        if let Some(running) = self.running.take() {
            self.leave(running);
        }
    }

    fn leave(&mut self, running: Running) {
        if !running.play {
            return;
        }
        self.counts.open += 1;
        if self.open == Open::Impute && self.length.is_some() && !running.imputed.is_nan() {
            self.push(running.from, running.from + running.imputed);
        }
    }

    fn push(&mut self, from: f64, to: f64) {
        if to - from >= SHORTEST {
            self.stretches
                .extend(Stretch { from, to }.within(self.length));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::video::micros;
    use super::*;

    const NAN: f64 = f64::NAN;

    /// At so many seconds.
    fn told(verb: Verb, time: f64, position: f64) -> Told {
        Told {
            verb,
            time: micros(time),
            position,
            position_to: NAN,
            speed: NAN,
            gap: NAN,
        }
    }

    fn watch(events: &[Told], open: Open, length: Option<f64>) -> (Vec<(f64, f64)>, u32) {
        let (mut stretches, mut counts) = (Vec::new(), Counts::default());
        let mut playing = Playing::new(&mut stretches, &mut counts, open, length);
        for instant in events.chunk_by(|a, b| a.time == b.time) {
            playing.instant(instant);
        }
        playing.finish();
        let stretches = stretches.iter().map(|s| (s.from, s.to)).collect();
        (stretches, counts.open)
    }

    fn dropped(events: &[Told]) -> (Vec<(f64, f64)>, u32) {
        watch(events, Open::Drop, None)
    }

    #[test]
    fn the_first_stop_closes_and_noise_is_dropped() {
        let events = [
            told(Verb::Paused, 0.0, 9.0),
            told(Verb::Played, 1.0, 10.0),
            told(Verb::Paused, 2.0, 40.0),
            told(Verb::Ended, 3.0, 60.0),
            told(Verb::Played, 4.0, 5.0),
            told(Verb::Paused, 5.0, 5.2),
            told(Verb::Played, 6.0, 5.0),
            told(Verb::Terminated, 7.0, 4.0),
        ];
        assert_eq!(dropped(&events), (vec![(10.0, 40.0)], 0));
    }

    #[test]
    fn a_second_play_closes_the_first_only_where_playing_could_be() {
        let second = |time, position| {
            dropped(&[
                told(Verb::Played, 0.0, 10.0),
                told(Verb::Played, time, position),
                told(Verb::Paused, time + 5.0, position + 5.0),
            ])
        };
        // 30 s on the clock: 40 could be reached, 42 not, and 5 lies behind
        assert_eq!(second(30.0, 40.0), (vec![(10.0, 40.0), (40.0, 45.0)], 0));
        assert_eq!(second(30.0, 42.0), (vec![(42.0, 47.0)], 1));
        assert_eq!(second(30.0, 5.0), (vec![(5.0, 10.0)], 1));
        // it stood still for ten minutes, and for a day
        assert_eq!(second(630.0, 40.0).0.len(), 2);
        assert_eq!(second(86_400.0, 40.0), (vec![(40.0, 45.0)], 1));
    }

    #[test]
    fn speed_moves_what_playing_could_reach() {
        let mut play = told(Verb::Played, 0.0, 0.0);
        play.speed = 2.0;
        let mut slower = told(Verb::Interacted, 30.0, NAN);
        slower.speed = 0.5;
        let end = |position| [play, slower, told(Verb::Played, 50.0, position)];
        // 30 s at 2 and 20 s at 0.5
        assert_eq!(dropped(&end(70.0)).0, [(0.0, 70.0)]);
        assert_eq!(dropped(&end(71.5)).0, []);
    }

    #[test]
    fn a_seek_out_of_playing_goes_on_where_it_went() {
        let mut seek = told(Verb::Seeked, 10.0, 10.0);
        seek.position_to = 50.0;
        let play = told(Verb::Played, 0.0, 0.0);
        let pause = |position| told(Verb::Paused, 30.0, position);
        let went_on = dropped(&[play, seek, pause(70.0)]);
        assert_eq!(went_on, (vec![(0.0, 10.0), (50.0, 70.0)], 0));
        // further than the clock allows, or never stopped: only what the seek closed
        assert_eq!(dropped(&[play, seek, pause(75.0)]).0, [(0.0, 10.0)]);
        assert_eq!(dropped(&[play, seek]), (vec![(0.0, 10.0)], 0));
        // nothing ran
        assert_eq!(dropped(&[seek, pause(70.0)]), (vec![], 0));
    }

    #[test]
    fn a_medium_plays_on_after_its_threshold() {
        let events = [
            told(Verb::Played, 0.0, 0.0),
            told(Verb::Completed, 90.0, 90.0),
            told(Verb::Ended, 100.0, 100.0),
        ];
        assert_eq!(dropped(&events).0, [(0.0, 90.0), (90.0, 100.0)]);
    }

    #[test]
    fn at_one_instant_the_stop_of_what_runs_comes_first() {
        let events = [
            told(Verb::Played, 0.0, 0.0),
            told(Verb::Played, 30.0, 50.0),
            told(Verb::Paused, 30.0, 30.0),
            told(Verb::Paused, 40.0, 60.0),
        ];
        assert_eq!(dropped(&events), (vec![(0.0, 30.0), (50.0, 60.0)], 0));
    }

    #[test]
    fn an_open_play_is_imputed_to_the_next_event_and_never_past_the_end() {
        let mut play = told(Verb::Played, 0.0, 10.0);
        play.gap = 20.0;
        play.speed = 1.5;
        let impute = |play, length| watch(&[play], Open::Impute, length);
        assert_eq!(impute(play, Some(100.0)), (vec![(10.0, 40.0)], 1));
        assert_eq!(impute(play, Some(25.0)), (vec![(10.0, 25.0)], 1));
        assert_eq!(impute(play, None), (vec![], 1));
        play.gap = NAN;
        assert_eq!(impute(play, Some(100.0)), (vec![], 1));
        play.gap = 1e6;
        assert_eq!(impute(play, Some(1e9)), (vec![(10.0, 2_710.0)], 1));
    }
}
