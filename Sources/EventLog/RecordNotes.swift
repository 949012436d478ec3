/// Says something of a record, in words that it writes into an array from an offset on; the array
/// may grow.
///
/// - Returns: how many words it wrote.
public typealias RecordNote =
    @Sendable (_ record: RawSpan, _ words: inout [UInt64], _ start: Int) -> Int

/// What was noted of the records of a block, one behind the other, in memory that is used again.
struct RecordNotes: Sendable {
    private var words: [UInt64] = []
    /// Where the words of each record end.
    private var ends: [Int] = []

    mutating func removeAll() { ends.removeAll(keepingCapacity: true) }

    /// Notes what there is to say of the next record.
    mutating func add(_ record: RawSpan, _ note: RecordNote) {
        let start = ends.last ?? 0
        ends.append(start + note(record, &words, start))
    }

    /// The words of a record by its place; none where nothing was noted.
    @_lifetime(borrow self)
    func words(of index: Int) -> Span<UInt64> {
        guard index < ends.count else { return words.span.extracting(0..<0) }
        return words.span.extracting((index == 0 ? 0 : ends[index - 1])..<ends[index])
    }
}
