import EventLog

/// One record of `byteCount` bytes, as a decision: text-like, without a run of zeros.
func benchDecision(_ byteCount: Int, seed: UInt64) -> [UInt8] {
    var length = byteCount
    var bytes: [UInt8] = []
    while length >= 0x80 {
        bytes.append(UInt8(length & 0x7F) | 0x80)
        length >>= 7
    }
    bytes.append(UInt8(length))
    var state = seed &+ 1
    for _ in 0..<byteCount {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes.append(UInt8(state >> 58) + 32)
    }
    return bytes
}

/// A decision of `count` such records.
func benchDecision(_ byteCount: Int, count: Int, seed: UInt64) -> [UInt8] {
    (0..<count).flatMap { benchDecision(byteCount, seed: seed &+ UInt64($0) << 16) }
}

/// Removes what a log left in a folder.
func removeLog(_ folder: String, _ disk: RealDisk) throws {
    for part in ["log", "quarantine"] {
        let path = folder + "/" + part
        for name in try disk.list(path) ?? [] { try disk.remove(path + "/" + name) }
        try disk.removeFolder(path)
    }
    for name in try disk.list(folder) ?? [] { try disk.remove(folder + "/" + name) }
    try disk.removeFolder(folder)
}
