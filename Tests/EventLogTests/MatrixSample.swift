import DaybookTestSupport
import EventLog
import Testing

/// A small log that has every kind of segment: two sealed ones with their indexes, an active one
/// that is full, and the last, which is written to.
struct MatrixSample {
    let disk = SimulatedDisk()
    var records: [[UInt8]] = []
    static let configuration = LogConfiguration(segmentByteCount: 3 * 4_096)

    /// - Parameter isClosed: whether a mark ends it, or a batch that nothing says was durable.
    init(isClosed: Bool) throws {
        var random = SeededGenerator(seed: 21)
        var store = try LogFixture.open(disk, Self.configuration)
        // A mark and one batch, two, two, and one in the last segment.
        for _ in 0..<6 {
            let decision = (0..<2).map {
                KeyedRecord(UInt64(records.count + $0), using: &random, 500).bytes
            }
            try store.write(decision)
            records += decision
        }
        if isClosed { try store.close() }
        disk.killProcess()
        for name in try SegmentSealing.pending(folder: LogFixture.folder, disk: disk).prefix(2) {
            _ = try LogFixture.sealing(name, disk).run()
        }
        #expect(paths(".lz4").count == 2 && paths(".idx").count == 2 && paths(".log").count == 2)
    }

    func paths(_ suffix: String) -> [String] { disk.paths.filter { $0.hasSuffix(suffix) } }

    /// The path of the last segment, and where its last batch ends.
    func last() throws -> (path: String, end: Int) {
        let path = try #require(paths(".log").last)
        let bytes = try #require(disk.contents(of: path))
        let used = try #require(bytes.lastIndex { $0 != 0 })
        return (path, (used + 4_096) / 4_096 * 4_096)
    }

    /// Changes a file, judges, and puts it back; nil if all is as it must be.
    ///
    /// Whatever was done: a reader gives true records only, from the first on; an opening that is
    /// refused changes no file; one that is not has every acknowledged record.
    func problem(
        _ path: String, _ changed: [UInt8], expected: Set<RecoveryReport.Verdict>
    ) throws -> String? {
        let whole = try #require(disk.contents(of: path))
        disk.setContents(of: path, changed)
        defer { disk.setContents(of: path, whole) }
        let report = try LogInspection.inspect(folder: LogFixture.folder, disk: disk)
        guard expected.contains(report.verdict) else { return "the verdict \(report)" }
        for trust in [LogReader.Trust.everything, .provedDurable] {
            let (found, error) = Self.read(disk, trust)
            guard found.elementsEqual(records.prefix(found.count)) else {
                return "a wrong record, trusting \(trust)"
            }
            if report.isUsable {
                guard error == nil else { return "a reader's \(String(describing: error))" }
                if trust == .everything, found.count != records.count {
                    return "\(found.count) of \(records.count) records were read"
                }
            } else if report.segment == nil || report.remedy == nil {
                return "no segment or remedy in \(report)"
            }
        }
        return try problemOfOpening(isUsable: report.isUsable)
    }

    /// All records until the end or an error.
    static func read(
        _ disk: any Disk, _ trust: LogReader.Trust = .everything
    ) -> ([[UInt8]], EventLogError?) {
        var found: [[UInt8]] = []
        do throws(EventLogError) {
            var reader = try LogReader.open(folder: LogFixture.folder, disk: disk, trust: trust)
            var isOrdered = true
            try reader.forEach { sequence, bytes in
                isOrdered = isOrdered && sequence.rawValue == UInt64(found.count)
                found.append(bytes.withUnsafeBytes { Array($0) })
                return isOrdered
            }
            return isOrdered ? (found, nil) : (found, .code(.foreignOrMissing))
        } catch { return (found, error) }
    }

    /// Opens a copy for writing, as it stands.
    private func problemOfOpening(isUsable: Bool) throws -> String? {
        let copy = disk.copy()
        do throws(EventLogError) {
            let store = try LogFixture.open(copy, Self.configuration)
            guard store.nextSequence.rawValue == UInt64(records.count) else {
                return "an opening goes on at \(store.nextSequence), not \(records.count)"
            }
            try store.close()
            let (found, _) = Self.read(copy)
            let isTrue = found.elementsEqual(records.prefix(found.count))
            guard isTrue, !isUsable || found.count == records.count else {
                return "an opening changed the records"
            }
        } catch {
            guard error.code == .damaged || error.code == .foreignOrMissing, !isUsable else {
                return "an opening ended with \(error)"
            }
            for path in disk.paths where disk.contents(of: path) != copy.contents(of: path) {
                return "an opening that was refused changed \(path)"
            }
        }
        return nil
    }
}
