import Foundation
import Testing
import X12

func cpu(_ body: () throws -> Void) rethrows -> Duration {
    func now() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
    let start = now()
    try body()
    return now() - start
}
@Suite struct SpeedHarness {
    @Test("speed") func speed() throws {
        guard ProcessInfo.processInfo.environment["X12_SPEED"] != nil else { return }
        let one = try Vectors.bytes("valid/v24_837p_no_newlines_gt.edi")
        let text = String(decoding: one, as: UTF8.self).split(
            separator: "~", omittingEmptySubsequences: false)
        // one ST with many claims
        let head = text[0...1].joined(separator: "~") + "~"
        let set = text[2...].prefix { !$0.hasPrefix("GE") }.joined(separator: "~") + "~"
        var bytes = [UInt8](head.utf8)
        let setBytes = [UInt8](set.utf8)
        while bytes.count < 100_000_000 { bytes += setBytes }
        let partners = try Vectors.partners()
        for _ in 0..<3 {
            var results: [InterchangeResult] = []
            let time = try cpu {
                results = try Vectors.results(bytes, partners: partners)
            }
            var sum = 0
            let scan = cpu { for byte in bytes where byte == 0x7E { sum += 1 } }
            print(
                "check \(time) scan \(scan) segments \(sum) \(results.count) MB/s",
                100.0
                    / (Double(time.components.attoseconds) / 1e18 + Double(time.components.seconds))
            )
        }
    }
}
