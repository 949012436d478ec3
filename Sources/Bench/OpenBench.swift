import EventLog

/// What the opening benchmark measured.
public struct OpenBenchResult: Codable, Sendable {
    /// Sealed segments.
    public var sealedSegments: Int
    /// Their bytes.
    public var sealedBytes: Int
    /// Bytes of the active segment's file, all of which an opening reads.
    public var activeBytes: Int
    /// The opening after a kill, in milliseconds: the median of five.
    public var milliseconds: Double
    /// Reading the active segment's file once with `pread`, in the same run.
    public var limitMilliseconds: Double

    enum CodingKeys: String, CodingKey {
        case sealedSegments = "sealed_segments"
        case sealedBytes = "sealed_bytes"
        case activeBytes = "active_bytes"
        case milliseconds
        case limitMilliseconds = "limit_ms"
    }
}

/// Makes a log of sealed segments that compress little, with an active segment that is half full,
/// and opens it as after a kill.
public func benchOpen(gigabytes: Double, folder: String) throws -> OpenBenchResult {
    let disk = RealDisk()
    let wanted = Int(gigabytes * 1_000_000_000)
    var random: UInt64 = 0x9E37_79B9_7F4A_7C15
    var store = try LogStore.open(folder: folder, disk: disk)
    var sealed = 0
    func batch() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1 << 20)
        for _ in 0..<5_000 {
            bytes += [0xC8, 0x01]
            for _ in 0..<25 {
                random ^= random << 13
                random ^= random >> 7
                random ^= random << 17
                withUnsafeBytes(of: random) { bytes.append(contentsOf: $0) }
            }
        }
        return bytes
    }
    while sealed < wanted {
        let body = batch()
        _ = try store.write(body.span.bytes, recordCount: 5_000)
        for segment in try SegmentSealing.pending(folder: folder, disk: disk) {
            sealed += try SegmentSealing(segment: segment, folder: folder, disk: disk).run()
                .storedByteCount
        }
    }
    var active = 0
    while active < 32 << 20 {
        let body = batch()
        _ = try store.write(body.span.bytes, recordCount: 5_000)
        active += body.count
    }
    try store.commitMark()
    let name = store.segmentFirstSequence
    try store.close()
    return try measureOpenings(name, folder, disk)
}

private func measureOpenings(
    _ name: SequenceNumber, _ folder: String, _ disk: RealDisk
) throws -> OpenBenchResult {
    let digits = "\(name)"
    let path =
        "\(folder)/log/\(String(repeating: "0", count: 20 - digits.utf8.count))\(digits).log"
    let segments = try SealedSummary.all(folder: folder, disk: disk)
    let clock = ContinuousClock()
    var times: [Double] = []
    var limits: [Double] = []
    var active = 0
    for _ in 0..<5 {
        var start = clock.now
        active = try readOnce(path, disk)
        limits.append(start.duration(to: clock.now) / .milliseconds(1))
        start = clock.now
        let opened = try LogStore.open(folder: folder, disk: disk)
        times.append(start.duration(to: clock.now) / .milliseconds(1))
        try opened.close()
    }
    return OpenBenchResult(
        sealedSegments: segments.count, sealedBytes: segments.reduce(0) { $0 + $1.byteCount },
        activeBytes: active, milliseconds: times.sorted()[2], limitMilliseconds: limits.sorted()[2])
}

/// Reads a file from its first byte to its last, and does nothing with it.
private func readOnce(_ path: String, _ disk: RealDisk) throws -> Int {
    let file = try disk.open(path, .read)
    defer { disk.close(file) }
    var block = [UInt8](repeating: 0, count: 1 << 20)
    var offset = 0
    while true {
        var span = block.mutableSpan
        var target = span.mutableBytes
        let count = try disk.read(file, at: offset, into: &target)
        if count == 0 { return offset }
        offset += count
    }
}
