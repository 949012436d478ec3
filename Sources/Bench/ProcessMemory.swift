import Glibc

/// What this process takes of the machine's memory, as the kernel counts it (proc(5), `status`).
struct ProcessMemory {
    /// Resident now (`VmRSS`), in bytes.
    var resident = 0
    /// The most that was resident since the process started (`VmHWM`), in bytes.
    var peak = 0

    /// Reads both; 0 where the kernel does not say.
    static func read() -> ProcessMemory {
        ProcessMemory(resident: kibibytes("VmRSS:") << 10, peak: kibibytes("VmHWM:") << 10)
    }

    /// The number in the line that starts with `name`.
    private static func kibibytes(_ name: String) -> Int {
        let line = MachineFacts.firstLine("/proc/self/status", startingWith: name) ?? ""
        let digits = line.filter { $0 >= "0" && $0 <= "9" }
        return Int(digits) ?? 0
    }
}
