// What the jobs share: the environment that the matrix gives them, clients of the broker, and
// waiting with a bound.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance, StreamConsumer};
use rdkafka::error::KafkaError;
use rdkafka::message::OwnedMessage;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{ClientConfig, ClientContext, Message, TopicPartitionList};
use tokio::task::JoinHandle;

pub type Failure = Box<dyn Error + Send + Sync>;
pub type Settings<'a> = &'a [(&'a str, &'a str)];

pub const TIMEOUT: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("the matrix sets {name}"))
}

pub fn named(suffix: &str) -> String {
    format!("{}-{suffix}", variable("PREFIX"))
}

pub fn topic() -> String {
    named("topic")
}

pub fn group() -> String {
    named("group")
}

fn config(settings: Settings) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", variable("BOOTSTRAP"));
    config.set("log_level", "0");
    for (key, value) in settings {
        config.set(*key, *value);
    }
    config
}

pub fn admin() -> Result<AdminClient<DefaultClientContext>, Failure> {
    Ok(config(&[]).create()?)
}

pub fn options() -> AdminOptions {
    AdminOptions::new().operation_timeout(Some(TIMEOUT))
}

pub fn producer(settings: Settings) -> Result<FutureProducer, Failure> {
    Ok(config(settings).set("linger.ms", "5").create()?)
}

/// A consumer that is no member of its group, to look at offsets and groups.
pub fn observer() -> Result<BaseConsumer, Failure> {
    Ok(config(&[("group.id", &group())]).create()?)
}

/// Looks at `condition` until it holds.
pub async fn eventually<F>(what: &str, mut condition: F) -> Result<(), Failure>
where
    F: FnMut() -> Result<bool, Failure>,
{
    let deadline = Instant::now() + PATIENCE;
    while !condition()? {
        if Instant::now() > deadline {
            return Err(format!("after {PATIENCE:?} still not so: {what}").into());
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}

/// Gives a sentence as the error unless `holds`.
pub fn ensure(holds: bool, what: impl Into<String>) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(what.into().into()) }
}

/// "restart" (cleanly) or "kill" (and start); done when the broker answers again.
pub async fn broker(action: &'static str) -> Result<(), Failure> {
    let control = variable("BROKER_CONTROL");
    let status =
        tokio::task::spawn_blocking(move || Command::new(control).arg(action).status()).await??;
    ensure(status.success(), format!("the broker's {action} failed"))
}

pub async fn create_topic(name: &str, partitions: i32) -> Result<(), Failure> {
    let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
    for result in admin()?.create_topics(&[topic], &options()).await? {
        result.map_err(|(name, code)| format!("creating {name}: {code}"))?;
    }
    let observer = observer()?;
    eventually("all partitions have leaders", || {
        Ok((0..partitions).all(|partition| observer.fetch_watermarks(name, partition, TIMEOUT).is_ok()))
    })
    .await
}

/// Sends record `number` for each of `numbers`, to partition `number % partitions` where that is
/// given; done when all are acknowledged.
pub async fn produce(
    producer: &FutureProducer,
    topic: &str,
    partitions: i32,
    numbers: std::ops::Range<i32>,
) -> Result<(), Failure> {
    let mut deliveries = Vec::new();
    for number in numbers {
        let value = number.to_string();
        let record = FutureRecord::<(), _>::to(topic).partition(number % partitions).payload(&value);
        deliveries.push(producer.send_result(record).map_err(|(error, _)| error)?);
    }
    for delivery in deliveries {
        delivery.await?.map_err(|(error, _)| error)?;
    }
    Ok(())
}

/// Counts how often a consumer's partitions changed.
#[derive(Default)]
pub struct Watch {
    rebalances: AtomicUsize,
}

impl ClientContext for Watch {}

impl ConsumerContext for Watch {
    fn post_rebalance(&self, _: &BaseConsumer<Self>, _: &Rebalance<'_>) {
        self.rebalances.fetch_add(1, Ordering::SeqCst);
    }
}

pub type Reader = StreamConsumer<Watch>;

/// A consumer that reads from the beginning where its group has committed nothing.
pub fn reader(settings: Settings) -> Result<Reader, Failure> {
    let mut config = config(&[
        ("group.id", &group()),
        ("auto.offset.reset", "earliest"),
        ("auto.commit.interval.ms", "100"),
        ("enable.auto.offset.store", "false"), // closing polls, too, and would commit what nobody saw
        ("heartbeat.interval.ms", "200"),
        ("fetch.wait.max.ms", "100"),
    ]);
    for (key, value) in settings {
        config.set(*key, *value);
    }
    Ok(config.create_with_context(Watch::default())?)
}

/// A member of the group, reading in a task of its own.
pub struct Member {
    consumer: Arc<Reader>,
    records: Arc<Mutex<Vec<OwnedMessage>>>,
    task: JoinHandle<()>,
}

impl Member {
    pub fn join(topics: &[&str], settings: Settings) -> Result<Member, Failure> {
        let consumer = Arc::new(reader(settings)?);
        consumer.subscribe(topics)?;
        let records = Arc::new(Mutex::new(Vec::new()));
        let (from, to) = (consumer.clone(), records.clone());
        let task = tokio::spawn(async move {
            loop {
                match from.recv().await {
                    Ok(message) => {
                        to.lock().unwrap().push(message.detach());
                        // Refused when the partition is no longer ours; then its next owner reads it again.
                        let _ = from.store_offset_from_message(&message);
                    }
                    Err(KafkaError::MessageConsumptionFatal(_)) => return,
                    Err(_) => continue, // librdkafka mends it, or the job's wait runs out
                }
            }
        });
        Ok(Member { consumer, records, task })
    }

    pub fn records(&self) -> Vec<OwnedMessage> {
        self.records.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.records.lock().unwrap().len()
    }

    pub fn partitions(&self) -> Result<Vec<i32>, Failure> {
        let mut owned: Vec<i32> =
            self.consumer.assignment()?.elements().iter().map(|one| one.partition()).collect();
        owned.sort();
        Ok(owned)
    }

    pub fn rebalances(&self) -> usize {
        self.consumer.context().rebalances.load(Ordering::SeqCst)
    }

    pub fn consumer(&self) -> &Reader {
        &self.consumer
    }

    /// Closes the consumer, which leaves the group unless it is a static member; all that it has read.
    pub async fn close(self) -> Result<Vec<OwnedMessage>, Failure> {
        self.task.abort();
        let _ = self.task.await;
        tokio::task::spawn_blocking(move || drop(self.consumer)).await?;
        let records = std::mem::take(&mut *self.records.lock().unwrap());
        Ok(records)
    }
}

/// All records of a topic that has `count`, read by a member of a group.
pub async fn read_all(topic: &str, count: usize) -> Result<Vec<OwnedMessage>, Failure> {
    let group = named(&format!("all-{topic}"));
    let member = Member::join(&[topic], &[("group.id", &group)])?;
    eventually(&format!("{count} records are read"), || Ok(member.count() >= count)).await?;
    let records = member.close().await?;
    let observer = observer()?;
    let mut stored = 0;
    for partition in 0..partition_count(&observer, topic)? {
        let (low, high) = observer.fetch_watermarks(topic, partition, TIMEOUT)?;
        stored += (high - low) as usize;
    }
    ensure(stored == count && records.len() == count, format!("{stored} records instead of {count}"))?;
    Ok(records)
}

pub fn partition_count(observer: &BaseConsumer, topic: &str) -> Result<i32, Failure> {
    let metadata = observer.fetch_metadata(Some(topic), TIMEOUT)?;
    Ok(metadata.topics()[0].partitions().len() as i32)
}

pub fn topics(observer: &BaseConsumer) -> Result<Vec<String>, Failure> {
    let metadata = observer.fetch_metadata(None, TIMEOUT)?;
    Ok(metadata.topics().iter().map(|topic| topic.name().to_string()).collect())
}

/// A record's value, which is its number.
pub fn number(record: &OwnedMessage) -> i32 {
    record.payload_view::<str>().unwrap().unwrap().parse().unwrap()
}

/// The numbers of the records of one partition, in the order read.
pub fn numbers(records: &[OwnedMessage], partition: i32) -> Vec<i32> {
    records.iter().filter(|one| one.partition() == partition).map(number).collect()
}

/// Committed offset and metadata by partition; the offset is -1 where none is committed.
pub fn committed(observer: &BaseConsumer, topic: &str, partitions: i32)
    -> Result<BTreeMap<i32, (i64, String)>, Failure> {
    let mut wanted = TopicPartitionList::new();
    wanted.add_partition_range(topic, 0, partitions - 1);
    let offsets = observer.committed_offsets(wanted, TIMEOUT)?;
    let known = offsets.elements().into_iter().map(|one| {
        let offset = match one.offset() {
            rdkafka::Offset::Offset(offset) => offset,
            _ => -1,
        };
        (one.partition(), (offset, one.metadata().to_string()))
    });
    Ok(known.collect())
}

/// By partition, how far the group's committed offset is behind the end.
pub fn lag(observer: &BaseConsumer, topic: &str, partitions: i32) -> Result<Vec<i64>, Failure> {
    let committed = committed(observer, topic, partitions)?;
    let mut lag = Vec::new();
    for partition in 0..partitions {
        let (_, end) = observer.fetch_watermarks(topic, partition, TIMEOUT)?;
        lag.push(end - committed[&partition].0);
    }
    Ok(lag)
}

/// The partitions of each member as the coordinator tells them; None unless the group is Stable.
pub fn stable_assignments(observer: &BaseConsumer) -> Result<Option<Vec<Vec<i32>>>, Failure> {
    let groups = observer.fetch_group_list(Some(&group()), TIMEOUT)?;
    Ok(groups.groups().first().filter(|group| group.state() == "Stable").map(|group| {
        group.members().iter().map(|one| assigned_partitions(one.assignment().unwrap_or(&[]))).collect()
    }))
}

/// The partitions of the first topic in ConsumerProtocolAssignment: version, topics, each with its
/// name and an array of partitions.
fn assigned_partitions(bytes: &[u8]) -> Vec<i32> {
    let int16 = |at: usize| i16::from_be_bytes(bytes[at..at + 2].try_into().unwrap()) as usize;
    let int32 = |at: usize| i32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    if bytes.len() < 6 || int32(2) == 0 {
        return Vec::new();
    }
    let count = 8 + int16(6);
    (0..int32(count) as usize).map(|index| int32(count + 4 + 4 * index)).collect()
}

/// Removes the groups and topics of this job.
pub async fn remove_all() -> Result<(), Failure> {
    let (admin, observer, prefix) = (admin()?, observer()?, variable("PREFIX"));
    let list = observer.fetch_group_list(None, TIMEOUT)?;
    let groups: Vec<&str> =
        list.groups().iter().map(|group| group.name()).filter(|name| name.starts_with(&prefix)).collect();
    if !groups.is_empty() {
        admin.delete_groups(&groups, &options()).await?; // a static member's stays until its session ends
    }
    let all = topics(&observer)?;
    let own: Vec<&str> = all.iter().map(String::as_str).filter(|name| name.starts_with(&prefix)).collect();
    if !own.is_empty() {
        admin.delete_topics(&own, &options()).await?;
    }
    Ok(())
}
