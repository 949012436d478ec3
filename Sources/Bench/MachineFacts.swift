import EventLog
import Glibc

/// What a figure depends on: kernel, processor, how many of them.
enum MachineFacts {
    static func read() -> [String: String] {
        var facts = ["cores": String(sysconf(Int32(_SC_NPROCESSORS_ONLN)))]
        if let model = firstLine("/proc/cpuinfo", startingWith: "model name") {
            facts["processor"] = model
        }
        if let release = firstLine("/proc/sys/kernel/osrelease", startingWith: "") {
            facts["kernel"] = release
        }
        return facts
    }

    /// The most resident memory that this process has had (proc_pid_status(5)), in bytes; 0 where
    /// the system does not say.
    static func memoryByteCountMax() -> Int {
        let text = firstLine("/proc/self/status", startingWith: "VmHWM")
        let digits = text?.drop { !("0"..."9").contains($0) }.prefix { ("0"..."9").contains($0) }
        return (digits.flatMap { Int($0) } ?? 0) * 1_024
    }

    /// The text after the colon, if any, of the first line with a prefix.
    static func firstLine(_ path: String, startingWith prefix: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 1_024)
        while fgets(&line, Int32(line.count), file) != nil {
            let bytes = line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
            let text = String(decoding: bytes, as: UTF8.self)
            guard text.hasPrefix(prefix) else { continue }
            let value = prefix.isEmpty ? text[...] : text.split(separator: ":").last ?? ""
            return String(value.drop { $0 == " " })
        }
        return nil
    }
}
