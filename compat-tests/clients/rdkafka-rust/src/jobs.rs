// The twelve jobs of the client matrix with the rdkafka crate.

use std::collections::HashSet;
use std::time::Duration;

use rdkafka::admin::{
    AlterConfig, NewPartitions, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::consumer::{CommitMode, Consumer};
use rdkafka::message::{Header, Headers, OwnedHeaders};
use rdkafka::producer::FutureRecord;
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Message, Offset, TopicPartitionList};

use crate::clients::*;

/// A note on what the crate lacks in part, empty where it lacks nothing.
type Outcome = Result<&'static str, Failure>;

pub async fn run(job: &str) -> Option<Outcome> {
    Some(match job {
        "produce-codecs" => produce_codecs().await,
        "group-of-three" => group_of_three().await,
        "static-members" => static_members().await,
        "commit-resume" => commit_resume().await,
        "seek-by-time" => seek_by_time().await,
        "idempotent-restart" => idempotent_restart().await,
        "pattern-subscription" => pattern_subscription().await,
        "topic-admin" => topic_admin().await,
        "group-admin" => group_admin().await,
        "delete-records" => delete_records().await,
        "large-records" => large_records().await,
        "thousand-partitions" => thousand_partitions().await,
        _ => return None,
    })
}

async fn produce_codecs() -> Outcome {
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let topic = named(&format!("topic-{codec}"));
        create_topic(&topic, 3).await?;
        let producer = producer(&[("compression.codec", codec), ("acks", "all")])?;
        let mut deliveries = Vec::new();
        for number in 0..500 {
            let (key, value) = (format!("key {}", number % 20), number.to_string());
            let headers = OwnedHeaders::new()
                .insert(Header { key: "origin", value: Some(&value) })
                .insert(Header { key: "empty", value: Some("") });
            let record = FutureRecord::to(&topic).key(&key).payload(&value).headers(headers);
            deliveries.push(producer.send_result(record).map_err(|(error, _)| error)?);
        }
        for delivery in deliveries {
            delivery.await?.map_err(|(error, _)| error)?;
        }

        let records = read_all(&topic, 500).await?;
        for key in 0..20 {
            let of_key: Vec<_> = records
                .iter()
                .filter(|one| one.key() == Some(format!("key {key}").as_bytes()))
                .collect();
            let read: Vec<i32> = of_key.iter().map(|one| number(one)).collect();
            let sent: Vec<i32> = (0..500).filter(|number| number % 20 == key).collect();
            ensure(read == sent, format!("{codec}: key {key} gives {read:?}"))?;
            for record in of_key {
                let headers = record.headers().ok_or("no headers")?;
                ensure(
                    headers.count() == 2
                        && headers.get(0) == Header { key: "origin", value: record.payload() }
                        && headers.get(1) == Header { key: "empty", value: Some(&b""[..]) },
                    format!("{codec}: headers {headers:?}"),
                )?;
            }
        }
    }
    Ok("")
}

async fn group_of_three() -> Outcome {
    let topic = topic();
    create_topic(&topic, 6).await?;
    let (producer, observer) = (producer(&[])?, observer()?);
    let shared = async |members: &[&Member]| {
        eventually(&format!("{} members share six partitions", members.len()), || {
            let Some(told) = stable_assignments(&observer)? else { return Ok(false) };
            let mut all: Vec<i32> = told.concat();
            all.sort();
            if told.len() != members.len() || all.len() != 6 {
                return Ok(false);
            }
            ensure(all == [0, 1, 2, 3, 4, 5], format!("a partition has two owners: {told:?}"))?;
            let mut owned = Vec::new();
            for member in members {
                owned.extend(member.partitions()?);
            }
            owned.sort();
            Ok(told.iter().all(|one| one.len() == 6 / members.len()) && owned == all)
        })
        .await
    };

    let join = || Member::join(&[&topic], &[]);
    let (first, second, third) = (join()?, join()?, join()?);
    shared(&[&first, &second, &third]).await?;
    produce(&producer, &topic, 6, 0..1000).await?;
    eventually("all three read", || {
        Ok(first.count() > 0 && second.count() > 0 && third.count() > 0)
    })
    .await?;
    let (closed, produced) = tokio::join!(first.close(), produce(&producer, &topic, 6, 1000..2000));
    produced?;
    let mut seen: HashSet<i32> = closed?.iter().map(number).collect();
    shared(&[&second, &third]).await?;
    let fourth = join()?;
    produce(&producer, &topic, 6, 2000..3000).await?;
    shared(&[&second, &third, &fourth]).await?;

    eventually("every record was seen", || {
        for member in [&second, &third, &fourth] {
            seen.extend(member.records().iter().map(number));
        }
        Ok(seen.len() == 3000)
    })
    .await?;
    eventually("all is committed", || Ok(lag(&observer, &topic, 6)? == [0; 6])).await?;
    Ok("")
}

async fn static_members() -> Outcome {
    let topic = topic();
    create_topic(&topic, 4).await?;
    let join = |instance| Member::join(&[&topic], &[("group.instance.id", instance)]);
    let (first, second) = (join("first")?, join("second")?);
    eventually("two members share four partitions", || {
        Ok(first.partitions()?.len() == 2 && second.partitions()?.len() == 2)
    })
    .await?;
    let (of_first, of_second, rebalances) = (first.partitions()?, second.partitions()?, first.rebalances());

    second.close().await?; // a static member does not say that it leaves
    let again = join("second")?;
    eventually("the second has partitions again", || Ok(!again.partitions()?.is_empty())).await?;
    ensure(again.partitions()? == of_second, "the second has other partitions than before")?;
    ensure(first.partitions()? == of_first, "the first has other partitions than before")?;
    ensure(first.rebalances() == rebalances, "the first saw a rebalance")?;

    let usurper = join("first")?;
    eventually("the first is fenced", || {
        let fatal = first.consumer().client().fatal_error();
        Ok(fatal.is_some_and(|(code, _)| code == RDKafkaErrorCode::FencedInstanceId))
    })
    .await?;
    eventually("another has its place", || Ok(usurper.partitions()? == of_first)).await?;
    Ok("")
}

async fn commit_resume() -> Outcome {
    let topic = topic();
    create_topic(&topic, 2).await?;
    produce(&producer(&[])?, &topic, 2, 0..200).await?;

    let half = reader(&[("enable.auto.commit", "false")])?;
    half.subscribe(&[&topic])?;
    let mut read = 0;
    while read < 100 {
        let message = tokio::time::timeout(TIMEOUT, half.recv()).await??;
        if message.offset() < 50 {
            read += 1;
        }
    }
    let mut offsets = TopicPartitionList::new();
    for partition in 0..2 {
        let mut one = offsets.add_partition(&topic, partition);
        one.set_offset(Offset::Offset(50))?;
        one.set_metadata(format!("half of {partition}"));
    }
    half.commit(&offsets, CommitMode::Sync)?;
    tokio::task::spawn_blocking(move || drop(half)).await?;

    broker("restart").await?;
    let resumed = Member::join(&[&topic], &[("enable.auto.commit", "false")])?;
    eventually("the rest is read", || Ok(resumed.count() >= 100)).await?;
    for partition in 0..2 {
        let rest: Vec<i32> = (100..200).filter(|number| number % 2 == partition).collect();
        ensure(numbers(&resumed.records(), partition) == rest, "the rest is not what was not committed")?;
    }
    for (partition, known) in committed(&observer()?, &topic, 2)? {
        ensure(known == (50, format!("half of {partition}")), format!("committed: {known:?}"))?;
    }
    Ok("")
}

async fn seek_by_time() -> Outcome {
    const HOUR: i64 = 3_600_000;
    const FIRST: i64 = 1_700_000_000_000;
    let topic = topic();
    create_topic(&topic, 1).await?;
    let producer = producer(&[])?;
    for number in 0..10 {
        let value = number.to_string();
        let record = FutureRecord::<(), _>::to(&topic).payload(&value).timestamp(FIRST + number * HOUR);
        producer.send(record, TIMEOUT).await.map_err(|(error, _)| error)?;
    }

    let consumer = reader(&[])?;
    let look_up = |time| -> Result<Offset, Failure> {
        let mut times = TopicPartitionList::new();
        times.add_partition_offset(&topic, 0, Offset::Offset(time))?;
        Ok(consumer.offsets_for_times(times, TIMEOUT)?.elements()[0].offset())
    };
    ensure(look_up(FIRST + 20 * HOUR)? == Offset::End, "a time after the last record finds one")?;
    let offset = look_up(FIRST + 4 * HOUR + HOUR / 2)?;
    ensure(offset == Offset::Offset(5), format!("found {offset:?} instead of 5"))?;

    let mut assignment = TopicPartitionList::new();
    assignment.add_partition_offset(&topic, 0, Offset::Beginning)?;
    consumer.assign(&assignment)?;
    let first = tokio::time::timeout(TIMEOUT, consumer.recv()).await??;
    ensure(first.offset() == 0, "reading does not begin at the beginning")?;
    consumer.seek(&topic, 0, offset, TIMEOUT)?;
    let found = tokio::time::timeout(TIMEOUT, consumer.recv()).await??.detach();
    ensure(number(&found) == 5, format!("read {} instead of 5", number(&found)))?;
    ensure(found.timestamp().to_millis() == Some(FIRST + 5 * HOUR), "its time is another")?;
    Ok("")
}

async fn idempotent_restart() -> Outcome {
    let topic = topic();
    create_topic(&topic, 3).await?;
    let producer = producer(&[("enable.idempotence", "true"), ("acks", "all")])?;
    let send = async |from: i32, to: i32| {
        for start in (from..to).step_by(20) {
            produce(&producer, &topic, 3, start..start + 20).await?;
        }
        Ok::<(), Failure>(())
    };
    send(0, 1000).await?;
    let (restarted, sent) = tokio::join!(broker("restart"), send(1000, 3000));
    restarted.and(sent)?;
    let (killed, sent) = tokio::join!(broker("kill"), send(3000, 5000));
    killed.and(sent)?;

    let records = read_all(&topic, 5000).await?;
    for partition in 0..3 {
        let sent: Vec<i32> = (0..5000).filter(|number| number % 3 == partition).collect();
        ensure(numbers(&records, partition) == sent, format!("partition {partition} is not as sent"))?;
    }
    Ok("")
}

async fn pattern_subscription() -> Outcome {
    let topics = ["p-a", "p-b", "p-c"].map(named);
    create_topic(&topics[0], 1).await?;
    create_topic(&topics[1], 1).await?;
    let producer = producer(&[])?;
    let pattern = format!("^{}.*", named("p-"));
    let member = Member::join(&[&pattern], &[("topic.metadata.refresh.interval.ms", "500")])?;
    let reads = async |expected: &[String]| {
        eventually(&format!("{expected:?} are read"), || {
            let records = member.records();
            Ok(expected.iter().all(|topic| records.iter().any(|one| one.topic() == topic)))
        })
        .await
    };
    for topic in &topics[..2] {
        produce(&producer, topic, 1, 0..1).await?;
    }
    reads(&topics[..2]).await?;
    create_topic(&topics[2], 1).await?;
    produce(&producer, &topics[2], 1, 0..1).await?;
    reads(&topics).await?;
    Ok("")
}

async fn topic_admin() -> Outcome {
    let (topic, admin, observer) = (topic(), admin()?, observer()?);
    let create = async |name: &str| -> Result<Option<RDKafkaErrorCode>, Failure> {
        let new = NewTopic::new(name, 3, TopicReplication::Fixed(1)).set("retention.ms", "7200000");
        let results = admin.create_topics(&[new], &options()).await?;
        Ok(results[0].as_ref().err().map(|(_, code)| *code))
    };
    let retention = async || -> Result<Option<String>, Failure> {
        let results = admin.describe_configs(&[ResourceSpecifier::Topic(&topic)], &options()).await?;
        let resource = results[0].as_ref().map_err(|code| code.to_string())?;
        Ok(resource.get("retention.ms").and_then(|entry| entry.value.clone()))
    };

    ensure(create(&topic).await?.is_none(), "the topic is not created")?;
    eventually("the topic is listed", || Ok(topics(&observer)?.contains(&topic))).await?;
    eventually("it has three partitions", || Ok(partition_count(&observer, &topic)? == 3)).await?;
    ensure(retention().await?.as_deref() == Some("7200000"), "the config is not as created")?;
    let change = AlterConfig::new(ResourceSpecifier::Topic(&topic)).set("retention.ms", "3600000");
    for result in admin.alter_configs(&[change], &options()).await? {
        result.map_err(|(_, code)| code.to_string())?;
    }
    let mut altered = None;
    for _ in 0..100 { // a broker of Kafka learns of the change a little later
        altered = retention().await?;
        if altered.as_deref() == Some("3600000") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    ensure(altered.as_deref() == Some("3600000"), "the config is not as altered")?;
    for result in admin.create_partitions(&[NewPartitions::new(&topic, 6)], &options()).await? {
        result.map_err(|(_, code)| code.to_string())?;
    }
    eventually("it has six partitions", || Ok(partition_count(&observer, &topic)? == 6)).await?;

    let again = create(&topic).await?;
    ensure(again == Some(RDKafkaErrorCode::TopicAlreadyExists), format!("created again: {again:?}"))?;
    let illegal = create(&named("illegal/name")).await?;
    ensure(illegal == Some(RDKafkaErrorCode::InvalidTopic), format!("illegal name: {illegal:?}"))?;

    for result in admin.delete_topics(&[&topic], &options()).await? {
        result.map_err(|(_, code)| code.to_string())?;
    }
    eventually("describing it says that it is unknown", || {
        let metadata = observer.fetch_metadata(Some(&topic), TIMEOUT)?;
        let error = metadata.topics()[0].error().map(RDKafkaErrorCode::from);
        Ok(error == Some(RDKafkaErrorCode::UnknownTopicOrPartition))
    })
    .await?;
    Ok("")
}

async fn group_admin() -> Outcome {
    let (topic, group) = (topic(), group());
    create_topic(&topic, 2).await?;
    let (admin, observer, producer) = (admin()?, observer()?, producer(&[])?);
    produce(&producer, &topic, 2, 0..100).await?;
    let member = Member::join(&[&topic], &[("enable.auto.commit", "false")])?;
    eventually("all is read", || Ok(member.count() == 100)).await?;
    member.consumer().commit_consumer_state(CommitMode::Sync)?;
    ensure(lag(&observer, &topic, 2)? == [0, 0], "the group lags with all committed")?;
    let listed = || -> Result<bool, Failure> {
        let list = observer.fetch_group_list(None, TIMEOUT)?;
        Ok(list.groups().iter().any(|one| one.name() == group))
    };
    ensure(listed()?, "the group is not listed")?;
    let assignments = stable_assignments(&observer)?;
    ensure(assignments == Some(vec![vec![0, 1]]), format!("members: {assignments:?}"))?;

    produce(&producer, &topic, 2, 100..150).await?;
    let behind = lag(&observer, &topic, 2)?;
    ensure(behind == [25, 25], format!("the group lags by {behind:?}"))?;

    let delete = async || -> Result<Option<RDKafkaErrorCode>, Failure> {
        let results = admin.delete_groups(&[&group], &options()).await?;
        Ok(results[0].as_ref().err().map(|(_, code)| *code))
    };
    let refused = delete().await?;
    ensure(refused == Some(RDKafkaErrorCode::NonEmptyGroup), format!("deleting it gives {refused:?}"))?;
    member.close().await?;
    let deleted = delete().await?;
    ensure(deleted.is_none(), format!("deleting the empty group gives {deleted:?}"))?;
    ensure(!listed()?, "the deleted group is listed")?;
    Ok("without deleting a group's offsets for a topic: no such call")
}

async fn delete_records() -> Outcome {
    let topic = topic();
    create_topic(&topic, 1).await?;
    produce(&producer(&[])?, &topic, 1, 0..100).await?;
    let admin = admin()?;
    let delete_before = async |offset| -> Result<Result<(), String>, Failure> {
        let mut offsets = TopicPartitionList::new();
        offsets.add_partition_offset(&topic, 0, Offset::Offset(offset))?;
        let results = admin.delete_records(&offsets, &options()).await?;
        let result = results.elements()[0].error();
        Ok(result.map_err(|error| format!("{:?}", error.rdkafka_error_code())))
    };
    delete_before(60).await??;
    let (low, _) = observer()?.fetch_watermarks(&topic, 0, TIMEOUT)?;
    ensure(low == 60, format!("the earliest offset is {low}"))?;
    let beyond = delete_before(101).await?;
    ensure(beyond == Err("Some(OffsetOutOfRange)".into()), format!("beyond the end: {beyond:?}"))?;
    let records = read_all(&topic, 40).await?;
    ensure(numbers(&records, 0) == (60..100).collect::<Vec<_>>(), "reading does not start at 60")?;
    Ok("")
}

async fn large_records() -> Outcome {
    let topic = topic();
    create_topic(&topic, 1).await?;
    let producer = producer(&[("message.max.bytes", "3000000")])?;
    let mut state: u64 = 1;
    let mut random_bytes = |count: usize| -> Vec<u8> {
        // Bytes of a linear congruential generator, which no codec makes smaller.
        let mut next = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 56) as u8
        };
        (0..count).map(|_| next()).collect()
    };
    let values: Vec<Vec<u8>> = (0..20).map(|_| random_bytes(1_000_000)).collect();
    for value in &values {
        let record = FutureRecord::<(), _>::to(&topic).payload(value);
        producer.send(record, TIMEOUT).await.map_err(|(error, _)| error)?;
    }
    let too_large = random_bytes(2_000_000);
    let record = FutureRecord::<(), _>::to(&topic).payload(&too_large);
    let refused = producer.send(record, TIMEOUT).await.err().and_then(|(error, _)| error.rdkafka_error_code());
    ensure(
        refused == Some(RDKafkaErrorCode::MessageSizeTooLarge),
        format!("2,000,000 bytes are answered with {refused:?}"),
    )?;
    let records = read_all(&topic, 20).await?;
    let intact = records.iter().zip(&values).all(|(record, value)| record.payload() == Some(value));
    ensure(intact, "a record is not as sent")?;
    Ok("")
}

async fn thousand_partitions() -> Outcome {
    let topic = topic();
    create_topic(&topic, 1000).await?;
    produce(&producer(&[])?, &topic, 1000, 0..3000).await?;
    let mut all: Vec<i32> = read_all(&topic, 3000).await?.iter().map(number).collect();
    all.sort();
    ensure(all == (0..3000).collect::<Vec<_>>(), "what was read is not what was sent")?;
    let observer = observer()?;
    ensure(partition_count(&observer, &topic)? == 1000, "it has not 1,000 partitions")?;
    for result in admin()?.delete_topics(&[&topic], &options()).await? {
        result.map_err(|(_, code)| code.to_string())?;
    }
    eventually("the topic is gone", || Ok(!topics(&observer)?.contains(&topic))).await?;
    Ok("")
}
