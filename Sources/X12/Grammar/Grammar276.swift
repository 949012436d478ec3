/// Claim status: the request, 276, its response, 277 (005010X212), and the claim acknowledgment,
/// 277CA (005010X214), which shares the response's ST01 and GS01.
enum Grammar276 {
    static let text = """
        set 276 005010X212 HR
        each NM1 6- 10- 11- 12-
        each REF 3- 4-
        each SVC 1.1=AD,ER,HC,HP,IV,N4,NU,WK
        ST R 1 3!
        BHT R 1 1!=0010 2!=13 3! 4! 5! 6-
        2000A R *
          HL R 1 1! 2- 3:20 4!=1
          2100A R 1
            NM1 R 1 1:PR 2!=2 3! 8!=PI,XV 9!
          2000B R *
            HL R 1 1! 2! 3:21 4!=1
            2100B R 1
              NM1 R 1 1:41 2!=1,2 8!=46 9!
            2000C R *
              HL R 1 1! 2! 3:19 4!=1
              2100C R 2
                NM1 R 1 1:1P 2!=1,2 8!=FI,SV,XX 9!
              2000D R *
                HL R 1 1! 2! 3:22 4=0,1
                DMG S 1 1!=D8 2! 3=F,M
                2100D R 1
                  NM1 R 1 1:IL 2!=1,2 8!=24,II,MI 9!
                2200D S *
                  TRN R 1 1!=1 2!
                  REF S 1 1:1K 2!
                  REF S 1 1:BLT 2!
                  REF S 1 1:LU 2!
                  REF S 1 1:6P 2!
                  REF S 1 1:EJ 2!
                  REF S 1 1:XZ 2!
                  REF S 1 1:D9 2!
                  AMT S 1 1!=T3 2!
                  DTP S 1 1!=472 2!=D8,RD8 3!
                  2210D S *
                    SVC R 1 1! 2! 7!
                    REF S 1 1!=FJ 2!
                    DTP R 1 1!=472 2!=D8,RD8 3!
                2000E S *
                  HL R 1 1! 2! 3:23 4=0
                  DMG R 1 1!=D8 2! 3=F,M
                  2100E R 1
                    NM1 R 1 1:QC 2!=1 3!
                  2200E R *
                    TRN R 1 1!=1 2!
                    REF S 1 1:1K 2!
                    REF S 1 1:BLT 2!
                    REF S 1 1:LU 2!
                    REF S 1 1:6P 2!
                    REF S 1 1:EJ 2!
                    REF S 1 1:XZ 2!
                    REF S 1 1:D9 2!
                    AMT S 1 1!=T3 2!
                    DTP S 1 1!=472 2!=D8,RD8 3!
                    2210E S *
                      SVC R 1 1! 2! 7!
                      REF S 1 1!=FJ 2!
                      DTP R 1 1!=472 2!=D8,RD8 3!
        set 277 005010X212 HN
        ST R 1 3!
        BHT R 1 1!=0010 2!=08 3! 4! 5! 6!=DG
        2000A R *
          HL R 1 1! 2- 3:20 4!=1
          2100A R 1
            NM1 R 1 1:PR 2!=2 3! 8!=PI,XV 9!
            PER S 1 1!=IC 3!
          2000B R *
            HL R 1 1! 2! 3:21 4!=0,1
            2100B R 1
              NM1 R 1 1:41 2!=1,2 8!=46 9!
            2200B S 1
              TRN R 1 1!=2 2!
              STC R * 1! 2!
            2000C S *
              HL R 1 1! 2! 3:19 4!=0,1
              2100C R 2
                NM1 R 1 1:1P 2!=1,2 8!=FI,SV,XX 9!
              2200C S 1
                TRN R 1 1!=1 2!
                STC R * 1! 2!
              2000D S *
                HL R 1 1! 2! 3:22 4=0,1
                2100D R 1
                  NM1 R 1 1:IL 2!=1,2 8!=24,II,MI 9!
                2200D S *
                  TRN R 1 1!=2 2!
                  STC R * 1! 2!
                  REF S 1 1:1K 2!
                  REF S 1 1:BLT 2!
                  REF S 1 1:EJ 2!
                  REF S 1 1:XZ 2!
                  REF S 1 1:VV 2!
                  REF S 1 1:D9 2!
                  DTP S 1 1!=472 2!=D8,RD8 3!
                  2220D S *
                    SVC R 1 1! 2!
                    STC R * 1! 2!
                    REF S 1 1!=FJ 2!
                    DTP R 1 1!=472 2!=D8,RD8 3!
                2000E S *
                  HL R 1 1! 2! 3:23 4-
                  2100E R 1
                    NM1 R 1 1:QC 2!=1 3!
                  2200E R *
                    TRN R 1 1!=2 2!
                    STC R * 1! 2!
                    REF S 1 1:1K 2!
                    REF S 1 1:BLT 2!
                    REF S 1 1:EJ 2!
                    REF S 1 1:XZ 2!
                    REF S 1 1:VV 2!
                    REF S 1 1:D9 2!
                    DTP S 1 1!=472 2!=D8,RD8 3!
                    2220E S *
                      SVC R 1 1! 2!
                      STC R * 1! 2!
                      REF S 1 1!=FJ 2!
                      DTP R 1 1!=472 2!=D8,RD8 3!
        set 277 005010X214 HN
        ST R 1 3!
        BHT R 1 1!=0085 2!=08 3! 4! 5! 6!=TH
        2000A R 1
          HL R 1 1! 2- 3:20 4!=1
          2100A R 1
            NM1 R 1 1:AY,PR 2!=2 3! 8!=46,FI,PI,XV 9!
          2200A R 1
            TRN R 1 1!=1 2!
            DTP R 1 1:050 2!=D8 3!
            DTP R 1 1:009 2!=D8 3!
          2000B R 1
            HL R 1 1! 2! 3:21 4!=0,1
            2100B R 1
              NM1 R 1 1:41 2!=1,2 8!=46 9!
            2200B R 1
              TRN R 1 1!=2 2!
              STC R * 1! 2! 3!=U,WQ 4!
              QTY S 1 1:90 2!
              QTY S 1 1:AA 2!
              AMT S 1 1:YU 2!
              AMT S 1 1:YY 2!
            2000C S *
              HL R 1 1! 2! 3:19 4=0,1
              2100C R 1
                NM1 R 1 1:85 2!=1,2 3! 8=FI,XX
              2200C S 1
                TRN R 1 1!=1 2!
                STC R * 1! 2- 3!=U,WQ
                REF S 3 1!=0B,1G,G2,LU,SY,TJ 2!
                QTY S 1 1:QA 2!
                QTY S 1 1:QC 2!
                AMT S 1 1:YU 2!
                AMT S 1 1:YY 2!
              2000D S *
                HL R 1 1! 2! 3:PT 4-
                2100D R 1
                  NM1 R 1 1:QC 2!=1 8=II,MI
                2200D R *
                  TRN R 1 1!=2 2!
                  STC R * 1! 2! 3!=U,WQ 4!
                  REF S 1 1:1K 2!
                  REF S 1 1:D9 2!
                  REF S 1 1:BLT 2!
                  DTP R 1 1!=434,472 2!=D8,RD8 3!
                  2220D S *
                    SVC R 1 1! 2!
                    STC R * 1! 2- 3!=U,WQ
                    REF S 1 1:FJ 2!
                    REF S 1 1:XZ 2!
                    DTP S 1 1!=472 2!=D8,RD8 3!
        """
}
