package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
)

const (
	groupPartitions = 6
	groupRecords    = 3000
)

// Group is what the members of one group tell: who owns which partition, and which records, named
// by the numbers 0, 1, ... in their values, were seen. A member tells of a loss before it lets the
// others have the partition, and of a gain after it has it; so two owners at once are a fault.
type Group struct {
	mutex       sync.Mutex
	owners      map[int32]string
	generations map[string]int32 // by member, the last it told
	changes     map[string]int   // by member, gains and losses told
	reads       map[string]int   // by member
	seen        map[int]bool
	fault       error
}

func newGroup() *Group {
	return &Group{
		owners:      make(map[int32]string),
		generations: make(map[string]int32),
		changes:     make(map[string]int),
		reads:       make(map[string]int),
		seen:        make(map[int]bool),
	}
}

// Gained is told by a member that has got partitions, none perhaps, in a generation.
func (g *Group) Gained(member string, generation int32, partitions []int32) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.generations[member] = generation
	g.changes[member]++
	for _, partition := range partitions {
		if owner, owned := g.owners[partition]; owned && owner != member {
			g.fault = fmt.Errorf("partition %d is owned by %s and %s at once", partition, owner, member)
		}
		g.owners[partition] = member
	}
}

// Lost is told by a member that gives partitions up.
func (g *Group) Lost(member string, partitions []int32) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.changes[member]++
	for _, partition := range partitions {
		if g.owners[partition] == member {
			delete(g.owners, partition)
		}
	}
}

// Saw is told by a member that has read the record with this value.
func (g *Group) Saw(member string, value []byte) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	number, err := strconv.Atoi(string(value))
	if err != nil {
		g.fault = fmt.Errorf("a record's value is %q, no number", value)
	}
	g.reads[member]++
	g.seen[number] = true
}

func (g *Group) partitionsOf(member string) []int32 {
	var partitions []int32
	for partition, owner := range g.owners {
		if owner == member {
			partitions = append(partitions, partition)
		}
	}
	slices.Sort(partitions)
	return partitions
}

// settled: every partition has an owner, and each of `members` owns some, all of one generation.
func (g *Group) settled(members []string) bool {
	for _, member := range members {
		if len(g.partitionsOf(member)) == 0 || g.generations[member] != g.generations[members[0]] {
			return false
		}
	}
	return len(g.owners) == groupPartitions
}

func (g *Group) locked(look func()) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	look()
}

// waitFor waits for a condition on the group, and ends the job at the first fault.
func (g *Group) waitFor(j *Job, what string, condition func() bool) {
	j.Wait(what, func() (holds bool) {
		var fault error
		g.locked(func() { holds, fault = condition(), g.fault })
		Check(fault)
		return holds
	})
}

// Member is a consumer of a group; it runs until its context ends, then it closes its client. An
// error that ends it earlier is returned.
type Member func(context context.Context, name string, group *Group) error

type running struct {
	stop  context.CancelFunc
	ended chan error
}

func (g *Group) start(j *Job, name string, member Member) running {
	context, cancel := context.WithCancel(j)
	run := running{cancel, make(chan error, 1)}
	go func() {
		err := member(context, name, g)
		if err != nil {
			g.locked(func() { g.fault = fmt.Errorf("member %s: %w", name, err) })
		}
		run.ended <- err
	}()
	j.Cleanup(cancel)
	return run
}

func (r running) close(j *Job, name string) {
	r.stop()
	if err := Receive(j, "the end of member "+name, r.ended); err != nil {
		Fail("member %s: %w", name, err)
	}
}

// GroupOfThree is the job of this name. `produce` sends the records first ... last-1 to a topic of
// six partitions; `committed` and `ends` are the offsets by partition.
func GroupOfThree(j *Job, member Member, produce func(first, last int) error,
	committed, ends func() map[int32]int64) {
	group := newGroup()
	members := make(map[string]running)
	produced := make(chan error, 1)
	produceInBackground := func(first, last int) { go func() { produced <- produce(first, last) }() }
	readByAll := func(names ...string) {
		group.waitFor(j, fmt.Sprintf("%v own and read partitions", names), func() bool {
			for _, name := range names {
				if group.reads[name] == 0 {
					return false
				}
			}
			return group.settled(names)
		})
	}

	produceInBackground(0, 1000)
	for _, name := range []string{"one", "two", "three"} {
		members[name] = group.start(j, name, member)
	}
	group.waitFor(j, "three members own partitions", func() bool {
		return group.settled([]string{"one", "two", "three"})
	})
	Check(Receive(j, "the first records being produced", produced))
	Check(produce(1000, 1500))
	readByAll("one", "two", "three")

	produceInBackground(1500, 2500)
	members["two"].close(j, "two")
	delete(members, "two")
	group.waitFor(j, "the other two own all", func() bool {
		return group.settled([]string{"one", "three"})
	})
	members["four"] = group.start(j, "four", member)
	group.waitFor(j, "the new one owns partitions", func() bool {
		return group.settled([]string{"one", "three", "four"})
	})
	Check(Receive(j, "the records in the middle being produced", produced))
	Check(produce(2500, groupRecords))
	readByAll("one", "three", "four")
	group.waitFor(j, "every record is seen", func() bool { return len(group.seen) == groupRecords })

	for name, run := range members {
		run.close(j, name)
	}
	if offsets, want := committed(), ends(); !maps.Equal(offsets, want) {
		Fail("committed offsets %v instead of the end offsets %v", offsets, want)
	}
	group.locked(func() { Check(group.fault) })
}

// StaticMembers is the job of this name on a topic of six partitions; the member's name is its
// instance id. `fenced` knows the error that ends a member whose instance id another one took.
func StaticMembers(j *Job, member Member, fenced func(error) bool) {
	group := newGroup()
	settled := func(what string) {
		group.waitFor(j, what, func() bool { return group.settled([]string{"left", "right"}) })
	}
	left := group.start(j, "left", member)
	right := group.start(j, "right", member)
	settled("two members own partitions")

	var partitions []int32
	var changes int
	var generation int32
	group.locked(func() {
		partitions, changes = group.partitionsOf("left"), group.changes["right"]
		generation = group.generations["right"]
	})
	left.close(j, "left")
	left = group.start(j, "left", member)
	settled("the member is back")
	group.locked(func() {
		if got := group.partitionsOf("left"); !slices.Equal(got, partitions) {
			Fail("the member that came back has partitions %v instead of %v", got, partitions)
		}
		Equal("rebalances that the other member has seen", group.changes["right"]-changes, 0)
		Equal("the generation after the return", group.generations["left"], generation)
	})

	// The second client's gains are told to a group of their own: to the first one they are theft.
	second := newGroup().start(j, "left", member)
	if err := Receive(j, "the first client's end", left.ended); !fenced(err) {
		Fail("a second client with the same instance id: the first one ended with %v", err)
	}
	second.close(j, "left, the second one")
	right.close(j, "right")
}
