//! A connection to Redis, for what several servers share.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::lock::Mutex;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, FromRedisValue, Pipeline, RedisError};

/// Connects when it is first used, and again when the connection is lost. A clone is the same
/// connection.
#[derive(Clone)]
pub(crate) struct Redis {
    client: Client,
    timeout: Duration,
    link: Arc<Mutex<Link>>,
}

enum Link {
    Never,
    Up(MultiplexedConnection),
    /// Connecting failed at this time.
    Down(SystemTime),
}

/// For how long a failed connection is not tried again, so that requests do not wait for nothing.
const PAUSE: Duration = Duration::from_millis(500);

/// Why Redis did not do what it was asked, for the log: never what was sent.
#[derive(Debug)]
pub(crate) struct Failed(pub(crate) String);

impl Redis {
    /// `None` where the URL cannot be used: an error's own text could hold it, and with it a
    /// password.
    pub(crate) fn open(url: &str) -> Option<Self> {
        Some(Self {
            client: Client::open(url).ok()?,
            timeout: Duration::from_millis(500),
            link: Arc::new(Mutex::new(Link::Never)),
        })
    }

    /// The same with another limit on connecting, and on an answer.
    pub(crate) fn with_timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Sends the commands; once more where the connection had been lost in the meantime. They may
    /// be sent twice.
    pub(crate) async fn send<T: FromRedisValue>(
        &self,
        commands: &Pipeline,
        now: SystemTime,
    ) -> Result<T, Failed> {
        let mut connection = self.connection(now).await?;
        match commands.query_async(&mut connection).await {
            Ok(answer) => Ok(answer),
            // Perhaps the other end is gone.
            Err(error) if error.is_timeout() => {
                *self.link.lock().await = Link::Never;
                Err(describe(&error))
            }
            Err(error) if is_lost(&error) => {
                *self.link.lock().await = Link::Never;
                let mut connection = self.connection(now).await?;
                let answer = commands.query_async(&mut connection).await;
                answer.map_err(|error| describe(&error))
            }
            Err(error) => Err(describe(&error)),
        }
    }

    async fn connection(&self, now: SystemTime) -> Result<MultiplexedConnection, Failed> {
        // Held while connecting: one connects, the others wait for it.
        let mut link = self.link.lock().await;
        match &*link {
            Link::Up(connection) => return Ok(connection.clone()),
            Link::Down(since) if now.duration_since(*since).is_ok_and(|age| age < PAUSE) => {
                return Err(Failed("Redis could not be reached just now".to_owned()));
            }
            Link::Never | Link::Down(_) => {}
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeout))
            .set_response_timeout(Some(self.timeout));
        let connected = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await;
        match connected {
            Ok(connection) => {
                *link = Link::Up(connection.clone());
                Ok(connection)
            }
            Err(error) => {
                *link = Link::Down(now);
                Err(describe(&error))
            }
        }
    }
}

/// Whether the connection is of no more use.
fn is_lost(error: &RedisError) -> bool {
    error.is_connection_dropped() || error.is_io_error() || error.is_unrecoverable_error()
}

/// The kind alone: details could quote what was sent.
fn describe(error: &RedisError) -> Failed {
    Failed(format!("Redis failed: {}", error.category()))
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
