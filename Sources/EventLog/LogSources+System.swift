import Glibc

extension LogSources {
    /// The machine's clock and random numbers; the process and the host as the holder.
    public static var system: LogSources {
        LogSources(
            nowMicroseconds: {
                var time = timespec()
                // Safe: the call fills the structure that it is given. It cannot fail for this
                // clock.
                unsafe clock_gettime(CLOCK_REALTIME, &time)
                return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
            },
            newIdentity: { .random() },
            holder: "pid \(getpid())\nhost \(hostName())\n")
    }

    private static func hostName() -> String {
        var name = [UInt8](repeating: 0, count: 256)
        // Safe: the size is passed, and the last byte stays zero.
        let answer = unsafe name.withUnsafeMutableBytes { buffer -> Int32 in
            guard let base = buffer.baseAddress else { return -1 }
            return unsafe gethostname(
                base.assumingMemoryBound(to: CChar.self), buffer.count - 1)
        }
        guard answer == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
    }
}
