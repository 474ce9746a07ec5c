//! Attempts that several servers count together, in Redis.

use std::time::SystemTime;

use redis::Pipeline;

use super::budget::{Budget, KNOWN_FOR, Key, Keys, Taken};
use crate::scheme::redis::{Failed, Redis};

#[derive(Clone)]
pub(super) struct RedisStore(Redis);

/// As [`Budget::add`], for all places or none, by the clock of Redis: those of the servers differ.
/// `KEYS`: the places, and the mark of a known account. `ARGV`: of each place how long one attempt
/// counts, and how long all that there is room for, in milliseconds.
const TAKE: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local count = #KEYS - 1
if redis.call('EXISTS', KEYS[#KEYS]) == 1 then count = 1 end
local counting = {}
for place = 1, count do
  local one, all = tonumber(ARGV[2 * place - 1]), tonumber(ARGV[2 * place])
  local held = tonumber(redis.call('GET', KEYS[place]) or now) - now
  counting[place] = math.min(math.max(held, 0), all) + one
  if counting[place] > all then return {place, counting[place] - all} end
end
for place = 1, count do
  redis.call('SET', KEYS[place], string.format('%.0f', now + counting[place]), 'PX', counting[place])
end
return {0, count}
";

/// As [`Budget::remove`]. `KEYS`: the places, and behind them the mark of a known account. `ARGV`:
/// as for [`TAKE`], and behind it how long the mark is kept, where the attempt was right.
const GIVE_BACK: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for place = 1, #KEYS - 1 do
  local one, all = tonumber(ARGV[2 * place - 1]), tonumber(ARGV[2 * place])
  local held = tonumber(redis.call('GET', KEYS[place]) or now) - now
  local counting = math.min(held, all) - one
  if counting > 0 then
    redis.call('SET', KEYS[place], string.format('%.0f', now + counting), 'PX', counting)
  else
    redis.call('DEL', KEYS[place])
  end
end
local known = ARGV[2 * #KEYS - 1]
if known then redis.call('SET', KEYS[#KEYS], 1, 'PX', known) end
return 0
";

impl RedisStore {
    pub(super) fn open(url: &str) -> Option<Self> {
        Redis::open(url).map(Self)
    }

    pub(super) async fn take(
        &self,
        keys: &Keys,
        budgets: &[Budget; 3],
        now: SystemTime,
    ) -> Result<Taken, String> {
        let commands = script(TAKE, keys, budgets.len(), budgets);
        let answer = self.0.send::<((u64, u64),)>(&commands, now).await;
        match answer.map_err(|Failed(because)| because)?.0 {
            (0, count) => Ok(Taken::In(usize::try_from(count).unwrap_or(budgets.len()))),
            (place, wait) => {
                let place = usize::try_from(place.saturating_sub(1)).unwrap_or_default();
                Ok(Taken::Full(place, std::time::Duration::from_millis(wait)))
            }
        }
    }

    pub(super) async fn give_back(
        &self,
        keys: &Keys,
        count: usize,
        budgets: &[Budget; 3],
        is_right: bool,
        now: SystemTime,
    ) -> Result<(), String> {
        let mut commands = script(GIVE_BACK, keys, count, budgets);
        if is_right {
            commands.arg(milliseconds(KNOWN_FOR));
        }
        let answer = self.0.send::<(u64,)>(&commands, now).await;
        answer.map(|_| ()).map_err(|Failed(because)| because)
    }
}

fn script(text: &str, keys: &Keys, count: usize, budgets: &[Budget; 3]) -> Pipeline {
    let mut commands = Pipeline::new();
    commands.cmd("EVAL").arg(text).arg(count + 1);
    for key in keys.places().into_iter().take(count) {
        commands.arg(name(key));
    }
    commands.arg(name(&keys.known));
    for budget in budgets.iter().take(count) {
        commands
            .arg(milliseconds(budget.one()))
            .arg(milliseconds(budget.all()));
    }
    commands
}

fn name(key: &Key) -> String {
    use std::fmt::Write as _;
    let mut name = String::from("auth:attempts:");
    for byte in key {
        _ = write!(name, "{byte:02x}");
    }
    name
}

/// What Lua counts exactly, and Redis keeps.
fn milliseconds(duration: std::time::Duration) -> u64 {
    const LONGEST: u64 = 31_556_952_000_000;
    u64::try_from(duration.as_millis()).map_or(LONGEST, |milliseconds| milliseconds.min(LONGEST))
}
