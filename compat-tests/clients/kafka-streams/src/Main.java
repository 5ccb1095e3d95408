import java.util.LinkedHashMap;
import java.util.Map;

/** Runs one of the jobs of Kafka Streams: {@code java Main JOB}. */
public final class Main {
    public static void main(String[] arguments) {
        Map<String, Job.Body> jobs = new LinkedHashMap<>();
        jobs.put("word-count", StreamsJobs::wordCount);
        jobs.put("restore-from-changelog", StreamsJobs::restoreFromChangelog);
        jobs.put("two-instances", StreamsJobs::twoInstances);
        jobs.put("broker-restart", StreamsJobs::brokerRestart);
        System.exit(Job.run(jobs, arguments));
    }
}
