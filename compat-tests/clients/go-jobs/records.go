package jobs

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Header is a record's header.
type Header struct{ Key, Value string }

// Record is a record as the jobs compare it.
type Record struct {
	Key, Value string
	Headers    []Header
}

// Samples are `count` records over a tenth as many keys, with two headers each, one of them empty.
func Samples(count int) []Record {
	records := make([]Record, count)
	for i := range records {
		records[i] = Record{
			Key:   fmt.Sprintf("key-%d", i%(count/10)),
			Value: fmt.Sprintf("value-%d %s", i, strings.Repeat("compress me ", 10)),
			Headers: []Header{
				{"number", strconv.Itoa(i)},
				{"empty", ""},
			},
		}
	}
	return records
}

// SameByKey ends the job unless every key's records are those sent, in the order sent.
func SameByKey(what string, got, want []Record) {
	Equal(what+": number of records", len(got), len(want))
	gotByKey, wantByKey := byKey(got), byKey(want)
	for key, records := range wantByKey {
		if !slices.Equal(gotByKey[key], records) {
			Fail("%s: key %q has the records %.200q instead of %.200q",
				what, key, gotByKey[key], records)
		}
	}
}

func byKey(records []Record) map[string][]string {
	result := make(map[string][]string)
	for _, record := range records {
		result[record.Key] = append(result[record.Key], fmt.Sprintf("%s %q", record.Value, record.Headers))
	}
	return result
}

// Blob is `size` bytes that do not compress; the same for the same seed.
func Blob(size int, seed byte) []byte {
	blob := make([]byte, size)
	source := rand.NewChaCha8(sha256.Sum256([]byte{seed}))
	_, err := source.Read(blob)
	Check(err)
	return blob
}

// Acknowledged are the numbered records that a producer was told to be stored, by partition.
type Acknowledged struct {
	mutex   sync.Mutex
	numbers map[int32][]int
	total   int
}

// Add notes that record `number` is stored.
func (a *Acknowledged) Add(partition int32, number int) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.numbers == nil {
		a.numbers = make(map[int32][]int)
	}
	a.numbers[partition] = append(a.numbers[partition], number)
	a.total++
}

// Count is how many are acknowledged.
func (a *Acknowledged) Count() int {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.total
}

// OnceAndInOrder ends the job unless `stored`, what the partitions hold, is rising without
// repetition and has every acknowledged record. A record whose fate the producer did not learn
// may be there or not.
func (a *Acknowledged) OnceAndInOrder(stored map[int32][]int) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	for _, partition := range slices.Sorted(maps.Keys(a.numbers)) {
		there := stored[partition]
		for i := 1; i < len(there); i++ {
			if there[i] <= there[i-1] {
				Fail("partition %d: record %d is followed by %d", partition, there[i-1], there[i])
			}
		}
		for _, number := range a.numbers[partition] {
			if _, found := slices.BinarySearch(there, number); !found {
				Fail("partition %d: record %d was acknowledged and is not there", partition, number)
			}
		}
	}
}
