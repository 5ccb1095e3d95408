"""What may differ, and why: (tool, pattern in a line, what stands for it on both sides, reason).

A line of which nothing is left is left out.
"""

import re

_ELR = "Kafka with eligible leader replicas keeps min.insync.replicas as a dynamic default of the cluster"
_LAUNCHER = "given to Kafka by its launcher alone"
_OURS = "a setting of ours alone"
_DEFAULT = "our default: the data lies in the working directory, there is one io thread a core"

KNOWN = [(tool, re.compile(pattern), stand_in, reason) for tool, pattern, stand_in, reason in [
    ("topics", r"(?<=Configs: )min\.insync\.replicas=1,?", "", _ELR),
    ("topics", r" or some brokers have all their log directories cordoned", "",
     "log dirs cannot be cordoned, and the message does not speak of it"),
    ("configs", r"^ +min\.insync\.replicas=1 sensitive=false "
                r"synonyms={DYNAMIC_DEFAULT_BROKER_CONFIG:min\.insync\.replicas=1}$", "", _ELR),
    ("configs", r"DYNAMIC_DEFAULT_BROKER_CONFIG:min\.insync\.replicas=1, ", "", _ELR),
    ("configs", r"^ +(advertised\.listeners|broker\.id|node\.id|process\.roles|listeners|controller\.listener\.names"
     r"|controller\.quorum\.voters|(share\.coordinator\.state\.topic|transaction\.state\.log)"
     r"\.(min\.isr|replication\.factor))=.*", "", _LAUNCHER),
    ("configs", r"^ +((log\.)?flush\.on\.acks\.all|console\.[a-z.]+)=.*", "", _OURS),
    ("configs", r"^ +(log\.dir|num\.network\.threads)=.*", "", _DEFAULT),
]]


def without_known(record):
    """(the record's lines without what is listed, the reasons that counted)."""
    kept, reasons = [], []
    for line in record.lines:
        for tool, pattern, stand_in, reason in KNOWN:
            if tool == record.tool and pattern.search(line):
                line = pattern.sub(stand_in, line).rstrip()
                reasons.append(reason)
        if line:
            kept.append(line)
    return kept, reasons
