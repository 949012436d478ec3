import Events
import Projections
import Testing

@Suite("BucketedMap")
struct BucketedMapTests {
    @Test(
        "a map holds what a dictionary holds, whatever is done to it",
        arguments: 0..<20 as Range<UInt64>)
    func likeADictionary(seed: UInt64) throws {
        var random = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func next(_ bound: UInt64) -> UInt64 {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return random % bound
        }
        var map = BucketedMap<AlertState>(bucketCount: 16)
        var model: [UInt64: AlertState] = [:]
        for _ in 0..<2_000 {
            let key = next(300)
            switch next(4) {
            case 0:
                let removed = map.remove(key)
                #expect(
                    removed?.encoded() == model.removeValue(forKey: key)?.encoded(), "seed \(seed)")
            case 1:
                let message = "m\(next(1_000))"
                let isThere = map.modify(key) { $0.message = message } != nil
                model[key]?.message = message
                #expect(isThere == (model[key] != nil), "seed \(seed)")
            default:
                var alert = AlertState()
                alert.alert = key
                alert.raisedAt = Int64(next(1 << 40))
                map.insert(alert)
                model[key] = alert
            }
            #expect(map.count == model.count, "seed \(seed)")
        }
        for key in 0..<300 as Range<UInt64> {
            #expect(map[key]?.encoded() == model[key]?.encoded(), "seed \(seed)")
        }
        #expect(map.sorted().map(\.alert) == model.keys.sorted(), "seed \(seed)")

        // The same entries have the same digests, however they came there.
        var fresh = BucketedMap<AlertState>(bucketCount: 16)
        for alert in model.values { fresh.insert(alert) }
        #expect(map.bucketDigests() == fresh.bucketDigests(), "seed \(seed)")
    }
}
