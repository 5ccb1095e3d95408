// Words of tables of producers.
export const producers = {
  title: "Producers",
  columns: {
    id: "Producer id", epoch: "Epoch", client: "Client id", address: "Address", principal: "Principal", txn: "Transactional id", topic: "Topic",
    partition: "Partition", sequence: "Last sequence", offset: "Last offset", duplicates: "Duplicates", outOfOrder: "Out of order", fenced: "Fenced",
    last: "Last active", expires: "Expires in", open: "Open transaction",
  },
  noId: "none",
  hints: {
    id: "Idempotent and transactional producers have one; the others are known while they are connected",
    duplicates: "Batches that came twice and were stored once",
    outOfOrder: "Batches refused because one before them was missing",
    fenced: "Requests refused because a newer producer has the id",
  },
  none: "Nobody has written lately.",
};
