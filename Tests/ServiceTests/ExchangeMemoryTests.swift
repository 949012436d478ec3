import Foundation
import Testing

extension ExchangeServiceTests {
    /// One interchange of so many bytes or a little more: sets of 5,000 claims, each of a
    /// subscriber and a dependent, made from the vector of one claim.
    private static func claims(byteCount: Int) throws -> Data {
        let text = try String(
            contentsOfFile: fixtures + "/x12/valid/v20_837p_dependent.edi", encoding: .utf8)
        let segments = text.split(separator: "\n").map(String.init)
        let subscriber = try #require(segments.firstIndex { $0.hasPrefix("HL*2*") })
        let dependent = try #require(segments.firstIndex { $0.hasPrefix("HL*3*") })
        let last = try #require(segments.firstIndex { $0.hasPrefix("SE*") })
        let head = segments[3..<subscriber]
        let ofSubscriber = segments[(subscriber + 1)..<dependent].joined()
        let ofDependent = segments[(dependent + 1)..<last].joined()
        var bytes = Data(segments[..<2].joined().utf8)
        bytes.reserveCapacity(byteCount + 4_000_000)
        var sets = 0
        while bytes.count < byteCount {
            sets += 1
            let number = String(10_000 + sets)
            var set = "ST*837*\(number)*005010X222A1~" + head.joined()
            for claim in 1...5_000 {
                set += "HL*\(2 * claim)*1*22*1~" + ofSubscriber
                set += "HL*\(2 * claim + 1)*\(2 * claim)*23*0~" + ofDependent
            }
            let count = 2 + head.count + 5_000 * (last - subscriber)
            bytes.append(Data((set + "SE*\(count)*\(number)~").utf8))
        }
        bytes.append(Data("GE*\(sets)*120~IEA*1*000000120~".utf8))
        return bytes
    }

    @Test("a claims' file of 100 MB takes no more memory than one of a hundredth of that")
    func memoryIsFlat() async throws {
        let engine = try Self.engine()
        try engine.start()
        func peakAfter(_ byteCount: Int, _ isa13: String) async throws -> Int {
            var bytes = try Self.claims(byteCount: byteCount)
            // ISA13 and ISA14 stand at the same place of every header: a TA1 is asked for, which
            // waits for no batch, so that the answer is there when the file is done with.
            bytes.replaceSubrange(90..<101, with: Data((isa13 + "*1").utf8))
            bytes.replaceSubrange((bytes.count - 10)..<(bytes.count - 1), with: Data(isa13.utf8))
            let folder = engine.dataFolder + "/exchange/inbound/partner=CLINICA"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            let count = Self.files(engine, "outbound").count
            try bytes.write(to: URL(fileURLWithPath: folder + "/claims.tmp"))
            try FileManager.default.moveItem(
                atPath: folder + "/claims.tmp", toPath: folder + "/claims.edi")
            try await Self.wait(engine) { Self.files(engine, "outbound").count > count }
            return try engine.peakMemory()
        }
        let small = try await peakAfter(1_000_000, "000000120")
        let large = try await peakAfter(100_000_000, "000000121")
        #expect(large - small < 32 << 20, "\(small) bytes at most before, then \(large)")
        for file in Self.files(engine, "outbound") {
            let text = engine.read("data/exchange/outbound/" + file)
            #expect(text.contains("*A*000~"), "\(file)")
        }
        let received = try engine.command("x12", "received", "--data", engine.dataFolder)
        #expect(received.output.split(separator: ".edi").count == 3, "\(received.output)")
        #expect(try engine.stop() == 0)
        let verified = try engine.command("verify", engine.dataFolder)
        #expect(verified.code == 0, "\(verified.output)")
    }
}
