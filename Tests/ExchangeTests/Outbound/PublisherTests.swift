import DaybookTestSupport
import Events
import Exchange
import Foundation
import Projections
import Synchronization
import Testing

/// Those who deliver files are told of each, at least once, under its id.
@Suite struct PublisherTests {
    static func file(_ number: UInt64) -> OutboundFileState {
        var file = OutboundFileState()
        file.file = number
        file.partner = "PARTNERA"
        file.transactionType = "271"
        file.path = "outbound/partner=PARTNERA/x.edi"
        file.sha256 = String(repeating: "0", count: 64)
        file.byteCount = 512
        file.acquiredAt = OutboundWorld.start
        for (kind, first, count) in [("ISA", 7, 1), ("GS", 8, 1), ("ST", 9, 2)] {
            var numbers = FileNumbers()
            numbers.allocator = "\(kind)/ZZ:DAYBOOK/ZZ:PARTNERA"
            numbers.first = UInt64(first)
            numbers.count = UInt64(count)
            file.numbers.append(numbers)
        }
        return file
    }

    @Test("a message says where a file is and how it is known")
    func message() {
        #expect(
            PublicationMessage(Self.file(42)).json
                == "{\"event\":\"outbound-ready\",\"fileId\":42,\"partner\":\"PARTNERA\","
                + "\"transactionType\":\"271\",\"path\":\"outbound/partner=PARTNERA/x.edi\","
                + "\"controlNumbers\":{\"isa13\":\"000000007\",\"gs06\":[\"8\"],"
                + "\"st02\":{\"first\":\"0009\",\"last\":\"0010\"}},"
                + "\"created\":\"2026-03-02T00:00:00.000000Z\",\"sha256\":\""
                + String(repeating: "0", count: 64) + "\",\"byteCount\":512}")
    }

    /// A channel that fails for some files, so often.
    private final class Scripted: PublicationChannel {
        let name: String
        private let failures: Mutex<[UInt64: Int]>
        private let told = Mutex<[[UInt64]]>([])

        init(_ name: String, _ failures: [UInt64: Int]) {
            self.name = name
            self.failures = Mutex(failures)
        }

        var calls: [[UInt64]] { told.withLock { $0 } }

        func send(_ messages: [PublicationMessage]) async -> [ExchangeError?] {
            told.withLock { $0.append(messages.map(\.file)) }
            return messages.map { message in
                failures.withLock { failures in
                    guard let left = failures[message.file], left > 0 else { return nil }
                    failures[message.file] = left - 1
                    return ExchangeError("publish", "no")
                }
            }
        }
    }

    @Test("each channel is asked again for what failed on it, five times in all")
    func attempts() async throws {
        let one = Scripted("folder", [1: 2, 3: 9])
        let other = Scripted("webhook", [2: 1])
        let publisher = Publisher(channels: [one, other])
        #expect(publisher.channel == "folder,webhook,log")
        let answers = await publisher.publish(
            [1, 2, 3, 4].map { PublicationMessage(Self.file($0)) }, clock: InstantClock())
        let attempts = answers.map { try? $0.get() }
        #expect(attempts == [3, 2, nil, 1])
        #expect(one.calls == [[1, 2, 3, 4], [1, 3], [1, 3], [3], [3]])
        #expect(other.calls == [[1, 2, 3, 4], [2]])
    }

    @Test("the log alone is a channel")
    func logAlone() async throws {
        let publisher = try Publisher(folder: nil, webhook: nil)
        #expect(publisher.channel == "log")
        let answers = await publisher.publish(
            [PublicationMessage(Self.file(1))], clock: InstantClock())
        #expect(try answers.map { try $0.get() } == [1])
    }

    @Test("publishing that fails leaves the files written, and a later run tells of them")
    func laterRun() async throws {
        try await TemporaryFolder.with { folder in
            let world = try OutboundWorld(
                folder: folder, partners: [OutboundPartners.partner("PARTNERA", outcomesMax: 1)])
            try await world.begin()
            try await world.give((0..<6).map { OutboundPartners.outcome("PARTNERA", kind: 5, $0) })
            let all = (0..<1_000).map { (UInt64($0), 5) }
            let broken = Scripted("webhook", Dictionary(uniqueKeysWithValues: all))
            let folderOf = try ExchangeStore(root: world.messages, cipher: nil)
            let target = try world.target(
                publisher: Publisher(channels: [Publisher.folder(folderOf), broken]), filesMax: 2)
            let outcome = try await world.run(target)
            guard case .failed(let failure)? = outcome else {
                Issue.record("it did not fail")
                return
            }
            #expect(failure.failureClass == "FAILED")
            #expect(failure.message.contains("6 files were written"))
            let failed = try await world.events().compactMap { $0.payload as? FileFailed }
            #expect(!failed.isEmpty && failed.allSatisfy { $0.step == "publish" })
            #expect(failed.allSatisfy { $0.attempts == 5 && !$0.isGivenUp })
            try await world.run(target, attempts: 20)
            try await world.verify()
            var audit = OutboundAudit(try await world.events())
            audit.checkEvents()
            try audit.checkFiles(root: world.root, messages: world.messages)
            #expect(audit.problems.isEmpty)
        }
    }
}
