// Many clients in one process, on franz-go, for the robustness runs. Each command prints its
// figures as one JSON object of seconds; it is bounded by the runner, which kills it.
//
//	member GROUP TOPIC           one member, which tells each change and runs until it is killed
//	topic TOPIC PARTITIONS       a new topic
//	group GROUP TOPIC COUNT      COUNT members join, another one joins, all leave
//	connections COUNT            COUNT clients are served at once, then the process dies
//	topics PREFIX COUNT          COUNT topics are created, listed by ten clients at once, deleted
//	wide TOPIC PARTITIONS COUNT  COUNT consumers read each all partitions of a new topic
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	sessionTimeout = 6 * time.Second
	topicsAtOnce   = 250 // in one request
	listersAtOnce  = 10
)

func main() {
	commands := map[string]func(arguments []string) map[string]float64{
		"member": member, "topic": newTopic, "group": group, "connections": connections, "topics": topics, "wide": wide,
	}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fail(fmt.Errorf("usage: robustness member|topic|group|connections|topics|wide ..."))
	}
	check(json.NewEncoder(os.Stdout).Encode(commands[os.Args[1]](os.Args[2:])))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func check(err error) {
	if err != nil {
		fail(err)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func seconds(since time.Time) float64 { return time.Since(since).Seconds() }

func newClient(options ...kgo.Opt) *kgo.Client {
	return must(kgo.NewClient(append(options, kgo.SeedBrokers(os.Getenv("BOOTSTRAP")),
		kgo.MetadataMinAge(50*time.Millisecond))...))
}

func newMember(group, topic string, assigned, revoked func(partitions int)) *kgo.Client {
	told := func(tell func(int)) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
			tell(len(partitions[topic]))
		}
	}
	return newClient(kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic),
		kgo.Balancers(kgo.RangeBalancer()),
		kgo.SessionTimeout(sessionTimeout), kgo.HeartbeatInterval(sessionTimeout/6),
		kgo.OnPartitionsAssigned(told(assigned)), kgo.OnPartitionsRevoked(told(revoked)))
}

func member(arguments []string) map[string]float64 {
	client := newMember(arguments[0], arguments[1],
		func(partitions int) { fmt.Println("assigned", partitions) },
		func(int) { fmt.Println("revoked") })
	for {
		client.PollFetches(context.Background())
	}
}

func newTopic(arguments []string) map[string]float64 {
	partitions := must(strconv.Atoi(arguments[1]))
	admin := kadm.NewClient(newClient())
	must(admin.CreateTopic(context.Background(), int32(partitions), 1, nil, arguments[0]))
	waitUntilListed(admin, arguments[:1])
	return nil
}

// crowd counts the members that hold an assignment of their latest generation.
type crowd struct {
	mutex   sync.Mutex
	holding map[int]bool
	changed *sync.Cond
}

func newCrowd() *crowd {
	c := &crowd{holding: make(map[int]bool)}
	c.changed = sync.NewCond(&c.mutex)
	return c
}

func (c *crowd) set(member int, holds bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.holding[member] = holds
	c.changed.Broadcast()
}

func (c *crowd) waitForAll(count int) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for c.count() < count {
		c.changed.Wait()
	}
}

func (c *crowd) count() (count int) {
	for _, holds := range c.holding {
		if holds {
			count++
		}
	}
	return count
}

func group(arguments []string) map[string]float64 {
	group, topic, count := arguments[0], arguments[1], must(strconv.Atoi(arguments[2]))
	admin := kadm.NewClient(newClient())
	must(admin.CreateTopic(context.Background(), int32(count+1), 1, nil, topic))
	crowd, clients := newCrowd(), make([]*kgo.Client, count+1)
	start := func(number int) {
		clients[number] = newMember(group, topic,
			func(partitions int) { crowd.set(number, partitions > 0) },
			func(int) { crowd.set(number, false) })
	}
	figures := make(map[string]float64)
	begin := time.Now()
	for number := range count {
		start(number)
	}
	crowd.waitForAll(count)
	figures["time until all hold partitions"] = seconds(begin)

	begin = time.Now()
	start(count)
	crowd.waitForAll(count + 1)
	figures["time to rebalance for one more"] = seconds(begin)

	begin = time.Now()
	var closing sync.WaitGroup
	for _, client := range clients {
		closing.Go(client.Close)
	}
	closing.Wait()
	figures["time until all have left"] = seconds(begin)
	return figures
}

func connections(arguments []string) map[string]float64 {
	begin := time.Now()
	var served sync.WaitGroup
	for range must(strconv.Atoi(arguments[0])) {
		client := newClient()
		served.Go(func() { check(client.Ping(context.Background())) })
	}
	served.Wait() // no client is closed: the end of the process drops all connections
	return map[string]float64{"time until all are served": seconds(begin)}
}

func topics(arguments []string) map[string]float64 {
	prefix, count := arguments[0], must(strconv.Atoi(arguments[1]))
	admin := kadm.NewClient(newClient())
	admin.SetTimeoutMillis(120_000)
	var names []string
	for number := range count {
		names = append(names, fmt.Sprintf("%s-%d", prefix, number))
	}
	inParts := func(work func(part []string)) float64 {
		begin := time.Now()
		for first := 0; first < count; first += topicsAtOnce {
			work(names[first:min(first+topicsAtOnce, count)])
		}
		return seconds(begin)
	}
	figures := make(map[string]float64)
	figures["time to create"] = inParts(func(part []string) {
		check(must(admin.CreateTopics(context.Background(), 1, 1, nil, part...)).Error())
	})
	begin := time.Now()
	var listing sync.WaitGroup
	for range listersAtOnce {
		lister := kadm.NewClient(newClient())
		listing.Go(func() { waitUntilListed(lister, names) })
	}
	listing.Wait()
	figures["time to list, ten at once"] = seconds(begin)
	figures["time to delete"] = inParts(func(part []string) {
		check(must(admin.DeleteTopics(context.Background(), part...)).Error())
	})
	return figures
}

// waitUntilListed asks again while some are missing: Kafka's metadata lag behind the creation.
func waitUntilListed(lister *kadm.Client, names []string) {
	for {
		found := must(lister.ListTopics(context.Background()))
		if !slices.ContainsFunc(names, func(name string) bool { return !found.Has(name) }) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func wide(arguments []string) map[string]float64 {
	topic, partitions := arguments[0], must(strconv.Atoi(arguments[1]))
	figures, background := make(map[string]float64), context.Background()
	begin := time.Now()
	admin := kadm.NewClient(newClient())
	admin.SetTimeoutMillis(120_000)
	must(admin.CreateTopic(background, int32(partitions), 1, nil, topic))
	figures["time to create"] = seconds(begin)

	begin = time.Now()
	producer := newClient(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	var records []*kgo.Record
	for partition := range partitions {
		records = append(records, &kgo.Record{Topic: topic, Partition: int32(partition), Value: []byte("x")})
	}
	check(producer.ProduceSync(background, records...).FirstErr())
	figures["time to produce one record each"] = seconds(begin)

	begin = time.Now()
	var reading sync.WaitGroup
	for range must(strconv.Atoi(arguments[2])) {
		reading.Go(func() {
			consumer := newClient(kgo.ConsumeTopics(topic))
			defer consumer.Close()
			for read := 0; read < partitions; {
				fetches := consumer.PollFetches(background)
				check(fetches.Err())
				read += fetches.NumRecords()
			}
		})
	}
	reading.Wait()
	figures["time to read all"] = seconds(begin)
	must(admin.DeleteTopic(background, topic))
	return figures
}
