#include "tools/load/sequence_patch.h"

#include <gtest/gtest.h>

#include "protocol/record_batch_builder.h"

namespace mamba::load {
namespace {

TEST(SequencePatch, ChecksumStaysRightWhateverTheSequence) {
    protocol::BatchOptions options;
    options.producer_id = ProducerId(7);
    options.producer_epoch = ProducerEpoch(0);
    options.base_sequence = 12;
    protocol::RecordBatchBuilder builder(options);
    builder.append(Timestamp(1), as_bytes("key"), as_bytes("value"));
    Bytes batch = builder.build();
    const SequencePatch patch(batch.size());
    for (const std::int32_t sequence : {0, 1, 12, 500, 2'147'483'647, 3}) {
        patch.set(batch, sequence);
        const auto view = protocol::RecordBatchView::parse(batch);
        ASSERT_TRUE(view);
        EXPECT_EQ(view->base_sequence(), sequence);
        EXPECT_TRUE(view->crc_matches()) << sequence;
    }
}

}  // namespace
}  // namespace mamba::load
