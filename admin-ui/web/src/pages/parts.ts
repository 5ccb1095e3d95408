// What several pages have in common beyond shell/shared.ts, as one file of the build. The list of topics
// does without it, so that it is there first.
import "../core/browse_state";
import "../core/config_export";
import "../core/config_value";
import "../core/each_topic";
import "../core/expression";
import "../en/config";
import "../en/overview";
import "../en/producers";
import "../en/topic";
import "../ui/config_editor";
import "../ui/producer_table";
import "./broker_table";
import "./delete_topics";
import "./finding_line";
import "./topic_page_head";
