package wavegate.server.ledger;

/**
 * A place between two batches of a ledger.
 *
 * @param sequence of the last fact before it; 0 at the beginning
 * @param hash of the commit record before it; zeros at the beginning. Not to be changed
 * @param tree over all facts before it
 */
record Position(long sequence, byte[] hash, MerkleTree.Peaks tree) {
    static final Position BEGINNING = new Position(0, new byte[RecordFormat.HASH], MerkleTree.Peaks.EMPTY);
}
