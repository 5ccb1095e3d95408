import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Runs one job of the client matrix: {@code java Main JOB}. ../README.md says what each job proves and
 * what the exit codes mean.
 */
public final class Main {
    interface Body {
        void run(Job job) throws Exception;
    }

    private static final int UNSUPPORTED = 77;
    private static final Map<String, Body> JOBS = new LinkedHashMap<>();

    static {
        JOBS.put("produce-codecs", RecordJobs::produceCodecs);
        JOBS.put("seek-by-time", RecordJobs::seekByTime);
        JOBS.put("large-records", RecordJobs::largeRecords);
        JOBS.put("idempotent-restart", RecordJobs::idempotentRestart);
        JOBS.put("group-of-three", GroupJobs::groupOfThree);
        JOBS.put("static-members", GroupJobs::staticMembers);
        JOBS.put("commit-resume", GroupJobs::commitResume);
        JOBS.put("pattern-subscription", GroupJobs::patternSubscription);
        JOBS.put("thousand-partitions", GroupJobs::thousandPartitions);
        JOBS.put("topic-admin", AdminJobs::topicAdmin);
        JOBS.put("group-admin", AdminJobs::groupAdmin);
        JOBS.put("delete-records", AdminJobs::deleteRecords);
    }

    public static void main(String[] arguments) {
        Body body = arguments.length == 1 ? JOBS.get(arguments[0]) : null;
        if (body == null) {
            System.out.println("give one job of " + JOBS.keySet());
            System.exit(2);
        }
        System.exit(run(body));
    }

    private static int run(Body body) {
        try (Job job = new Job()) {
            body.run(job);
            return 0;
        } catch (UnsupportedOperationException missing) {
            System.out.println(missing.getMessage());
            return UNSUPPORTED;
        } catch (Throwable failure) {
            failure.printStackTrace();
            System.out.println(failure.toString().replace('\n', ' '));
            return 1;
        }
    }
}
