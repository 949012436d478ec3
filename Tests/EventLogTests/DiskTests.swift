import DaybookTestSupport
import EventLog
import Testing

@Suite struct DiskTests {
    @Test("the real disk passes the conformance suite")
    func real() throws {
        try TemporaryFolder.with { try DiskConformance.exercise(RealDisk(), folder: $0) }
    }

    @Test("the simulated disk passes the conformance suite")
    func simulated() throws {
        let disk = SimulatedDisk()
        _ = try disk.createFolder("/root")
        try DiskConformance.exercise(disk, folder: "/root")
    }

    @Test(
        "a network file system is told by its magic number",
        arguments: [0x6969, 0xFF53_4D42, 0xFE53_4D42, 0x6573_5546, 0x517B])
    func network(magic: UInt32) { #expect(RealDisk.networkFileSystem(magic: magic) != nil) }

    @Test(
        "ext4, XFS, Btrfs, tmpfs and overlay are local",
        arguments: [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x794C_7630])
    func local(magic: UInt32) { #expect(RealDisk.networkFileSystem(magic: magic) == nil) }

    @Test("a crash keeps what was synced, and of the rest any part")
    func crashKeepsSynced() throws {
        for seed in 0..<50 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            let disk = SimulatedDisk()
            _ = try disk.createFolder("/d")
            try disk.syncFolder("/")
            let file = try disk.open("/d/f", .create)
            try disk.fillWithZeros(file, byteCount: 4_096, stepByteCount: 4_096)
            try disk.syncFolder("/d")
            let synced = [UInt8](repeating: 1, count: 1_024)
            try disk.write(file, at: 0, synced.span.bytes)
            try disk.sync(file)
            let loose = [UInt8](repeating: 2, count: 3_072)
            try disk.write(file, at: 1_024, loose.span.bytes)
            disk.crash(using: &random)
            let bytes = try #require(disk.contents(of: "/d/f"))
            #expect(Array(bytes[..<1_024]) == synced, "seed \(seed)")
            for sector in stride(from: 1_024, to: 4_096, by: 512) {
                let found = Set(bytes[sector..<(sector + 512)])
                #expect(found == [2] || found == [0], "seed \(seed): sectors are whole")
            }
        }
    }

    @Test("a failed sync marks the bytes clean without storing them")
    func failedSync() throws {
        let disk = SimulatedDisk()
        _ = try disk.createFolder("/d")
        try disk.syncFolder("/")
        let file = try disk.open("/d/f", .create)
        try disk.fillWithZeros(file, byteCount: 512, stepByteCount: 512)
        try disk.syncFolder("/d")
        let bytes = [UInt8](repeating: 9, count: 512)
        try disk.write(file, at: 0, bytes.span.bytes)
        disk.failCall(1, .before)
        #expect(throws: DiskError.self) { try disk.sync(file) }
        try disk.sync(file)
        #expect(disk.contents(of: "/d/f")?.first == 9)
        var random = SeededGenerator(seed: 1)
        disk.crash(using: &random, keep: 0)
        #expect(disk.contents(of: "/d/f")?.first == 0)
    }
}
