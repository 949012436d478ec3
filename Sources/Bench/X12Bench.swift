import Foundation
import X12

/// What the benchmark of X12 measured: CPU time of one thread, the best of three; and assembly.
public struct X12BenchResult: Codable, Sendable {
    /// The 837's size.
    public var byteCount: Int
    /// Its segments.
    public var segmentCount: Int
    /// Its sets.
    public var setCount: Int
    /// Parsing alone, in 10^6 bytes a second.
    public var parseMegabytesPerSecond: Double
    /// Parsing, checking and answering.
    public var checkMegabytesPerSecond: Double
    /// A loop that counts segment terminators over the same bytes.
    public var limitMegabytesPerSecond: Double
    /// Checking over the limit.
    public var ratio: Double
    /// AK901 of the answer.
    public var answer: String
    /// What assembling files took; nil where none were assembled.
    public var assembly: AssemblyBenchResult?

    enum CodingKeys: String, CodingKey {
        case byteCount = "bytes"
        case segmentCount = "segments"
        case setCount = "sets"
        case parseMegabytesPerSecond = "parse_megabytes_per_second"
        case checkMegabytesPerSecond = "check_megabytes_per_second"
        case limitMegabytesPerSecond = "limit_megabytes_per_second"
        case ratio, answer, assembly
    }
}

/// Makes an 837P of about so many megabytes, then parses and checks it, in chunks of 1 MiB.
public func benchX12(megabytes: Int) throws -> X12BenchResult {
    let (bytes, sets) = claims837(byteCount: megabytes * 1_000_000)
    let library = try GrammarLibrary.standard()
    let us = X12Partners.Identity(qualifier: "ZZ", id: "DAYBOOK")
    let sender = X12Partners.Identity(qualifier: "ZZ", id: "CLINICA")
    let partners = X12Partners(
        own: us, ownGroupID: "DAYBOOK", senders: [sender: .always],
        supported: ["HC/005010X222A1": "837"])
    var best = (parse: 0.0, check: 0.0, limit: 0.0)
    var results: [InterchangeResult] = []
    var segments = 0
    let size = Double(bytes.count) / 1_000_000
    for _ in 0..<3 {
        var terminators = 0
        let limit = threadSeconds {
            for byte in bytes where byte == UInt8(ascii: "~") { terminators += 1 }
        }
        var parser = X12Parser()
        var counter = SegmentCounter()
        let parse = threadSeconds {
            inChunks(bytes) { parser.consume($0, into: &counter) }
            parser.finish(into: &counter)
        }
        var checker = InterchangeChecker(
            partners: partners, library: library, isDuplicate: { _ in false })
        let check = threadSeconds {
            inChunks(bytes) { checker.consume($0) }
            results = checker.finish()
        }
        guard terminators == counter.count, counter.count == checker.segmentCount else {
            throw BenchFailure(description: "the counts of segments differ")
        }
        segments = terminators
        best = (
            max(best.parse, size / parse), max(best.check, size / check),
            max(best.limit, size / limit)
        )
    }
    return X12BenchResult(
        byteCount: bytes.count, segmentCount: segments, setCount: sets,
        parseMegabytesPerSecond: best.parse, checkMegabytesPerSecond: best.check,
        limitMegabytesPerSecond: best.limit, ratio: best.check / best.limit,
        answer: results.first?.groups?.first?.code ?? "none")
}

private func inChunks(_ bytes: [UInt8], _ body: (Span<UInt8>) -> Void) {
    var start = 0
    while start < bytes.count {
        let end = min(start + (1 << 20), bytes.count)
        body(bytes.span.extracting(start..<end))
        start = end
    }
}

/// Counts segments, ISA among them.
private struct SegmentCounter: X12Sink {
    var count = 0
    mutating func begin(_ header: InterchangeHeader) { count += 1 }
    mutating func segment(_ segment: borrowing X12Segment) { count += 1 }
    mutating func end(_ end: InterchangeEnd) {}
    mutating func unreadable(offset: Int) {}
}

/// The CPU time that a piece of work takes on this thread: other processes do not count.
private func threadSeconds(_ body: () -> Void) -> Double {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }
    let start = now()
    body()
    return max(now() - start, 0.000_001)
}

/// An 837P of one provider: sets of 5,000 claims, each of a subscriber of its own.
private func claims837(byteCount: Int) -> (bytes: [UInt8], sets: Int) {
    var text =
        "ISA*00*          *00*          *ZZ*CLINICA        *ZZ*DAYBOOK        *250106*1530*^*00501*"
        + "000000001*0*T*:~\nGS*HC*CLINICA*DAYBOOK*20250106*1530*1*X*005010X222A1~\n"
    var bytes = [UInt8](text.utf8)
    bytes.reserveCapacity(byteCount + 2_000_000)
    var sets = 0
    while bytes.count < byteCount {
        sets += 1
        let number = String(10_000 + sets)
        text = """
            ST*837*\(number)*005010X222A1~
            BHT*0019*00*CLM\(number)*20250106*1023*CH~
            NM1*41*2*PREMIER BILLING SERVICE*****46*TGJ23~
            PER*IC*JERRY*TE*3055552222*EX*231~
            NM1*40*2*DAYBOOK HEALTH PLAN*****46*66783JJT~
            HL*1**20*1~
            PRV*BI*PXC*203BF0100Y~
            NM1*85*2*BEN KILDARE SERVICE*****XX*1234567893~
            N3*234 SEAWAY ST~
            N4*MIAMI*FL*331110000~
            REF*EI*587654321~

            """
        bytes += text.utf8
        var segments = 11
        for claim in 2...5_001 where bytes.count < byteCount {
            text = """
                HL*\(claim)*1*22*0~
                SBR*P*18*2222-SJ******CI~
                NM1*IL*1*DOE*JANE****MI*JS\(10_000_000 + claim)~
                N3*236 N MAIN ST~
                N4*MIAMI*FL*334130000~
                DMG*D8*19430501*F~
                NM1*PR*2*DAYBOOK HEALTH PLAN*****PI*999996666~
                CLM*\(26_000_000 + claim)*100***11:B:1*Y*A*Y*I~
                REF*D9*17312345600006351~
                HI*ABK:R519*ABF:J020~
                LX*1~
                SV1*HC:99213*60*UN*1***1~
                DTP*472*D8*20241203~
                LX*2~
                SV1*HC:87070*40*UN*1***1:2~
                DTP*472*D8*20241203~

                """
            bytes += text.utf8
            segments += 16
        }
        bytes += "SE*\(segments + 1)*\(number)~\n".utf8
    }
    bytes += "GE*\(sets)*1~\nIEA*1*000000001~\n".utf8
    return (bytes, sets)
}
