/// The line of each terminal state, written by hand.
enum RunRecordGolden {
    static let succeeded = #"""
        {"format":1,"log":"000102030405060708090a0b0c0d0e0f","sequence":50,"kind":"run"\#
        ,"status":"succeeded","tenant":"default","jobId":"834-nightly","run":41\#
        ,"trigger":"schedule","scheduled":"2026-03-29T02:00:00.000000Z"\#
        ,"scheduledLocal":"2026-03-29T04:00:00+02:00","zone":"Europe/Berlin","fold":0\#
        ,"fanOutKey":null,"businessDate":"2026-03-29","count":1\#
        ,"first":"2026-03-29T02:00:00.000000Z","last":"2026-03-29T02:00:00.000000Z"\#
        ,"due":"2026-03-29T02:00:00.000500Z","firstDispatched":"2026-03-29T02:00:00.001000Z"\#
        ,"firstStarted":"2026-03-29T02:00:02.000000Z","started":"2026-03-29T02:00:02.000000Z"\#
        ,"completed":"2026-03-29T02:00:05.000000Z","startDelayMs":2000,"durationMs":3000\#
        ,"totalMs":4999,"attempts":1,"retries":0,"execution":1\#
        ,"runKey":"default/834-nightly/k//1","targetKind":"process","target":"pl_834"\#
        ,"exitCode":0,"httpStatus":null,"outputPath":"files/ab","outputSha256":"ab"\#
        ,"outputBytes":12,"outputTruncated":false,"failureClass":null,"failure":null\#
        ,"sla":"met","startBy":"2026-03-29T02:01:00.000000Z"\#
        ,"finishBy":"2026-03-29T03:00:00.000000Z","maxDurationMs":600000,"late":false\#
        ,"clocksMissed":[],"dependencies":[{"name":"dw_refresh","outcome":"satisfied"\#
        ,"detail":"it succeeded for 2026-03-29","at":"2026-03-29T02:00:00.000700Z"}]\#
        ,"reason":null,"detail":null,"originRun":null,"definition":7,"cause":49\#
        ,"actor":"engine","ticket":null,"request":null,"endedBy":"engine","endTicket":null\#
        ,"tags":["834","nightly"],"whole":true,"phi":false}
        """#

    static let dead = #"""
        {"format":1,"log":"000102030405060708090a0b0c0d0e0f","sequence":60,"kind":"run"\#
        ,"status":"dead","tenant":"default","jobId":"834-nightly","run":41,"trigger":"requeue"\#
        ,"scheduled":"2026-03-29T02:00:00.000000Z"\#
        ,"scheduledLocal":"2026-03-29T04:00:00+02:00","zone":"Europe/Berlin","fold":0\#
        ,"fanOutKey":null,"businessDate":"2026-03-29","count":1\#
        ,"first":"2026-03-29T02:00:00.000000Z","last":"2026-03-29T02:00:00.000000Z"\#
        ,"due":"2026-03-29T02:00:00.000500Z","firstDispatched":"2026-03-29T02:00:01.000000Z"\#
        ,"firstStarted":"2026-03-29T02:00:02.000000Z","started":"2026-03-29T02:05:02.000000Z"\#
        ,"completed":"2026-03-29T02:05:10.000000Z","startDelayMs":2000,"durationMs":8000\#
        ,"totalMs":309999,"attempts":2,"retries":1,"execution":2\#
        ,"runKey":"default/834-nightly/k//2","targetKind":"http","target":"pl_834"\#
        ,"exitCode":null,"httpStatus":503,"outputPath":null,"outputSha256":null\#
        ,"outputBytes":null,"outputTruncated":null,"failureClass":"httpStatus"\#
        ,"failure":"the target answered 503.","sla":"missed"\#
        ,"startBy":"2026-03-29T02:00:01.000000Z","finishBy":"2026-03-29T02:05:00.000000Z"\#
        ,"maxDurationMs":null,"late":true,"clocksMissed":["finishBy"],"dependencies":[]\#
        ,"reason":"retriesExhausted","detail":null,"originRun":30,"definition":7,"cause":59\#
        ,"actor":"user:anna","ticket":"CHG-1","request":"r-1","endedBy":"engine"\#
        ,"endTicket":null,"tags":null,"whole":true,"phi":false}
        """#

    static let cancelled = #"""
        {"format":1,"log":"000102030405060708090a0b0c0d0e0f","sequence":52,"kind":"run"\#
        ,"status":"cancelled","tenant":"default","jobId":"834-nightly","run":41\#
        ,"trigger":"manual","scheduled":"2026-03-29T02:00:00.000000Z"\#
        ,"scheduledLocal":"2026-03-29T04:00:00+02:00","zone":"Europe/Berlin","fold":0\#
        ,"fanOutKey":null,"businessDate":"2026-03-29","count":1\#
        ,"first":"2026-03-29T02:00:00.000000Z","last":"2026-03-29T02:00:00.000000Z"\#
        ,"due":"2026-03-29T02:00:00.000500Z","firstDispatched":"2026-03-29T02:00:01.000000Z"\#
        ,"firstStarted":"2026-03-29T02:00:02.000000Z","started":"2026-03-29T02:00:02.000000Z"\#
        ,"completed":"2026-03-29T02:00:09.000000Z","startDelayMs":2000,"durationMs":null\#
        ,"totalMs":8999,"attempts":1,"retries":0,"execution":1\#
        ,"runKey":"default/834-nightly/k//1","targetKind":"process","target":"pl_834"\#
        ,"exitCode":null,"httpStatus":null,"outputPath":null,"outputSha256":null\#
        ,"outputBytes":null,"outputTruncated":null,"failureClass":null,"failure":null\#
        ,"sla":null,"startBy":null,"finishBy":null,"maxDurationMs":null,"late":false\#
        ,"clocksMissed":[],"dependencies":[],"reason":"wrong file","detail":null\#
        ,"originRun":null,"definition":7,"cause":51,"actor":"user:bob","ticket":"CHG-2"\#
        ,"request":null,"endedBy":"user:anna","endTicket":"CHG-3","tags":null,"whole":true\#
        ,"phi":false}
        """#

    static let skippedRun = #"""
        {"format":1,"log":"000102030405060708090a0b0c0d0e0f","sequence":43,"kind":"run"\#
        ,"status":"skipped","tenant":"default","jobId":"834-nightly","run":41\#
        ,"trigger":"schedule","scheduled":"2026-03-29T02:00:00.000000Z"\#
        ,"scheduledLocal":"2026-03-29T04:00:00+02:00","zone":"Europe/Berlin","fold":0\#
        ,"fanOutKey":null,"businessDate":"2026-03-29","count":1\#
        ,"first":"2026-03-29T02:00:00.000000Z","last":"2026-03-29T02:00:00.000000Z"\#
        ,"due":"2026-03-29T02:00:00.000500Z","firstDispatched":null,"firstStarted":null\#
        ,"started":null,"completed":"2026-03-29T02:00:03.000000Z","startDelayMs":null\#
        ,"durationMs":null,"totalMs":2999,"attempts":0,"retries":0,"execution":null\#
        ,"runKey":null,"targetKind":null,"target":null,"exitCode":null,"httpStatus":null\#
        ,"outputPath":null,"outputSha256":null,"outputBytes":null,"outputTruncated":null\#
        ,"failureClass":null,"failure":null,"sla":null,"startBy":null,"finishBy":null\#
        ,"maxDurationMs":null,"late":false,"clocksMissed":[],"dependencies":[{"name":"feed"\#
        ,"outcome":"failed","detail":"expired","at":"2026-03-29T02:00:02.000000Z"}]\#
        ,"reason":"dependency","detail":"'dw_refresh' was skipped","originRun":null\#
        ,"definition":7,"cause":41,"actor":"engine","ticket":null,"request":null\#
        ,"endedBy":"engine","endTicket":null,"tags":null,"whole":true,"phi":false}
        """#

    static let occurrence = #"""
        {"format":1,"log":"000102030405060708090a0b0c0d0e0f","sequence":44,"kind":"occurrence"\#
        ,"status":"skipped","tenant":"default","jobId":"834-nightly","run":null,"trigger":null\#
        ,"scheduled":"2026-03-29T02:00:00.000000Z"\#
        ,"scheduledLocal":"2026-03-29T04:00:00+02:00","zone":"Europe/Berlin","fold":0\#
        ,"fanOutKey":"acme","businessDate":"2026-03-29","count":1\#
        ,"first":"2026-03-29T02:00:00.000000Z","last":"2026-03-29T02:00:00.000000Z","due":null\#
        ,"firstDispatched":null,"firstStarted":null,"started":null\#
        ,"completed":"2026-03-29T02:00:00.000000Z","startDelayMs":null,"durationMs":null\#
        ,"totalMs":null,"attempts":0,"retries":0,"execution":null,"runKey":null\#
        ,"targetKind":null,"target":null,"exitCode":null,"httpStatus":null,"outputPath":null\#
        ,"outputSha256":null,"outputBytes":null,"outputTruncated":null,"failureClass":null\#
        ,"failure":null,"sla":null,"startBy":null,"finishBy":null,"maxDurationMs":null\#
        ,"late":false,"clocksMissed":[],"dependencies":[],"reason":"paused","detail":null\#
        ,"originRun":null,"definition":null,"cause":null,"actor":null,"ticket":null\#
        ,"request":null,"endedBy":"engine","endTicket":null,"tags":null,"whole":true\#
        ,"phi":false}
        """#

    static let range = #"""
        {"format":1,"log":"000102030405060708090a0b0c0d0e0f","sequence":45,"kind":"range"\#
        ,"status":"missed","tenant":"default","jobId":"834-nightly","run":null,"trigger":null\#
        ,"scheduled":"2026-03-29T04:00:00.000000Z"\#
        ,"scheduledLocal":"2026-03-29T06:00:00+02:00","zone":"Europe/Berlin","fold":0\#
        ,"fanOutKey":null,"businessDate":null,"count":3,"first":"2026-03-29T02:00:00.000000Z"\#
        ,"last":"2026-03-29T04:00:00.000000Z","due":null,"firstDispatched":null\#
        ,"firstStarted":null,"started":null,"completed":"2026-03-29T04:30:00.000000Z"\#
        ,"startDelayMs":null,"durationMs":null,"totalMs":null,"attempts":0,"retries":0\#
        ,"execution":null,"runKey":null,"targetKind":null,"target":null,"exitCode":null\#
        ,"httpStatus":null,"outputPath":null,"outputSha256":null,"outputBytes":null\#
        ,"outputTruncated":null,"failureClass":null,"failure":null,"sla":null,"startBy":null\#
        ,"finishBy":null,"maxDurationMs":null,"late":false,"clocksMissed":[],"dependencies":[]\#
        ,"reason":"engineDown","detail":"no catch-up","originRun":null,"definition":null\#
        ,"cause":null,"actor":null,"ticket":null,"request":null,"endedBy":"engine"\#
        ,"endTicket":null,"tags":null,"whole":true,"phi":false}
        """#

    static let part = #"""
        {"format":1,"log":"000102030405060708090a0b0c0d0e0f","sequence":50,"kind":"run"\#
        ,"status":"succeeded","tenant":"default","jobId":"834-nightly","run":41,"trigger":null\#
        ,"scheduled":null,"scheduledLocal":null,"zone":null,"fold":0,"fanOutKey":null\#
        ,"businessDate":null,"count":1,"first":null,"last":null,"due":null\#
        ,"firstDispatched":null,"firstStarted":null,"started":null\#
        ,"completed":"2026-03-29T02:00:05.000000Z","startDelayMs":null,"durationMs":3000\#
        ,"totalMs":null,"attempts":2,"retries":0,"execution":null,"runKey":null\#
        ,"targetKind":null,"target":null,"exitCode":0,"httpStatus":null,"outputPath":null\#
        ,"outputSha256":null,"outputBytes":null,"outputTruncated":null,"failureClass":null\#
        ,"failure":null,"sla":null,"startBy":null,"finishBy":null,"maxDurationMs":null\#
        ,"late":false,"clocksMissed":[],"dependencies":[],"reason":null,"detail":null\#
        ,"originRun":null,"definition":null,"cause":49,"actor":null,"ticket":null\#
        ,"request":null,"endedBy":"engine","endTicket":null,"tags":null,"whole":false\#
        ,"phi":false}
        """#
}
