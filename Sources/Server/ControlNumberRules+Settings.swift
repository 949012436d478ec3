import DaybookConfiguration
import Engine
import Events

extension ControlNumberRules {
    /// What the settings say of control numbers.
    init(_ settings: Settings) {
        self.init()
        start = UInt64(settings.controlNumberStart)
        max = UInt64(settings.controlNumberMax)
        wraps = settings.wrapsControlNumbers
        lossSkip = UInt64(settings.controlNumberSkip)
        persistWithin = Int64(settings.controlNumberPersistSeconds) * 1_000_000
    }

    /// The same as it is recorded with a configuration, by name.
    static func recorded(_ settings: Settings) -> [KeyValue] {
        [
            KeyValue("controlNumberMax", String(settings.controlNumberMax)),
            KeyValue(
                "controlNumberPersistSeconds", String(settings.controlNumberPersistSeconds)),
            KeyValue("controlNumberSkip", String(settings.controlNumberSkip)),
            KeyValue("controlNumberStart", String(settings.controlNumberStart)),
            KeyValue("controlNumberWrap", String(settings.wrapsControlNumbers)),
        ]
    }
}
