import java.util.LinkedHashMap;
import java.util.Map;

/** Runs one of the twelve jobs: {@code java Main JOB}. */
public final class Main {
    public static void main(String[] arguments) {
        Map<String, Job.Body> jobs = new LinkedHashMap<>();
        jobs.put("produce-codecs", RecordJobs::produceCodecs);
        jobs.put("seek-by-time", RecordJobs::seekByTime);
        jobs.put("large-records", RecordJobs::largeRecords);
        jobs.put("idempotent-restart", RecordJobs::idempotentRestart);
        jobs.put("group-of-three", GroupJobs::groupOfThree);
        jobs.put("static-members", GroupJobs::staticMembers);
        jobs.put("commit-resume", GroupJobs::commitResume);
        jobs.put("pattern-subscription", GroupJobs::patternSubscription);
        jobs.put("thousand-partitions", GroupJobs::thousandPartitions);
        jobs.put("topic-admin", AdminJobs::topicAdmin);
        jobs.put("group-admin", AdminJobs::groupAdmin);
        jobs.put("delete-records", AdminJobs::deleteRecords);
        System.exit(Job.run(jobs, arguments));
    }
}
