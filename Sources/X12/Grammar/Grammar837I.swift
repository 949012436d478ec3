/// Institutional claims: 837I (005010X223A2).
///
/// The block `address` stands in the table of the 837P.
enum Grammar837I {
    static let text = """
        block claim837I
        2300 S 100
          CLM R 1 1! 2! 3- 4- 5! 5.1! 5.2!=A 5.3! 6- 7!=A,B,C 8!=N,W,Y 9!=I,Y
          DTP S 1 1:096 2!=TM 3!
          DTP R 1 1:434 2!=RD8 3!
          DTP S 1 1:435 2!=D8,DT 3!
          DTP S 1 1:050 2!=D8 3!
          CL1 R 1 3!
          PWK S 10 1! 2!
          CN1 S 1 1!
          AMT S 1 1!=F3 2!
          REF S 1 1:4N 2!
          REF S 1 1:9F 2!
          REF S 1 1:G1 2!
          REF S 1 1:F8 2!
          REF S 1 1:9A 2!
          REF S 1 1:9C 2!
          REF S 5 1:LX 2!
          REF S 1 1:D9 2!
          REF S 1 1:LU 2!
          REF S 1 1:EA 2!
          REF S 1 1:P4 2!
          REF S 1 1:G4 2!
          K3 S 10 1!
          NTE S 10 1:ALG,DCP,DGN,DME,MED,NTR,ODT,RHB,RLH,RNH,SET,SFM,SPT,UPI 2!
          NTE S 1 1:ADD 2!
          CRC S 1 1!=ZZ 2!=N,Y 3!
          HI R 1 1.1:ABK,BK 1.2!
          HI S 1 1.1:ABJ,BJ 1.2!
          HI S 1 1.1:APR,PR 1.2!
          HI S 3 1.1:ABN,BN 1.2!
          HI S 1 1.1:DR 1.2!
          HI S 2 1.1:ABF,BF 1.2!
          HI S 1 1.1:BBR,BR,CAH 1.2!
          HI S 2 1.1:BBQ,BQ 1.2!
          HI S 2 1.1:BI 1.2!
          HI S 2 1.1:BH 1.2!
          HI S 2 1.1:BE 1.2!
          HI S 2 1.1:BG 1.2!
          HI S 2 1.1:TC 1.2!
          HCP S 1 1! 2!
          2310A S 1
            NM1 R 1 1:71 2!=1 3! 8=XX
            PRV S 1 1!=AT 2!=PXC 3!
            REF S 4 1!=0B,1G,G2,LU 2!
          2310B S 1
            NM1 R 1 1:72 2!=1 3! 8=XX
            REF S 4 1!=0B,1G,G2,LU 2!
          2310C S 1
            NM1 R 1 1:ZZ 2!=1 3! 8=XX
            REF S 4 1!=0B,1G,G2,LU 2!
          2310D S 1
            NM1 R 1 1:82 2!=1 3! 8=XX
            REF S 4 1!=0B,1G,G2,LU 2!
          2310E S 1
            NM1 R 1 1:77 2!=2 3! 8=XX
            use address
            REF S 3 1!=0B,G2,LU 2!
          2310F S 1
            NM1 R 1 1:DN 2!=1 3! 8=XX
            REF S 3 1!=0B,1G,G2 2!
          2320 S 10
            SBR R 1 1!=A,B,C,D,E,F,G,H,P,S,T,U 2! \
        9=11,12,13,14,15,16,17,AM,BL,CH,CI,DS,FI,HM,LM,MA,MB,MC,OF,TV,VA,WC,ZZ
            CAS S 5 1!=CO,CR,OA,PI,PR
            AMT S 1 1:D 2!
            AMT S 1 1:EAF 2!
            AMT S 1 1:A8 2!
            OI R 1 3!=N,W,Y 6!=I,Y
            MIA S 1
            MOA S 1
            2330A R 1
              NM1 R 1 1:IL 2!=1,2 3! 8!=II,MI 9!
              N3 S 1
              N4 S 1 1!
              REF S 1 1!=SY 2!
            2330B R 1
              NM1 R 1 1:PR 2!=2 3! 8!=PI,XV 9!
              N3 S 1
              N4 S 1 1!
              DTP S 1 1!=573 2!=D8 3!
              REF S 6 1!=2U,9F,EI,F8,FY,G1,NF,T4 2!
            2330C S 1
              NM1 R 1 1:71 2!=1 8=XX
              REF R 4 1!=0B,1G,G2,LU 2!
            2330D S 1
              NM1 R 1 1:72 2!=1 8=XX
              REF R 4 1!=0B,1G,G2,LU 2!
            2330E S 1
              NM1 R 1 1:ZZ 2!=1 8=XX
              REF R 4 1!=0B,1G,G2,LU 2!
            2330F S 1
              NM1 R 1 1:77 2!=2 8=XX
              REF R 3 1!=0B,G2,LU 2!
            2330G S 1
              NM1 R 1 1:82 2!=1 8=XX
              REF R 4 1!=0B,1G,G2,LU 2!
            2330H S 1
              NM1 R 1 1:DN 2!=1 8=XX
              REF R 3 1!=0B,1G,G2 2!
            2330I S 1
              NM1 R 1 1:85 2!=2 8=XX
              REF R 2 1!=G2,LU 2!
          2400 R 999
            LX R 1 1!
            SV2 R 1 1! 3! 4!=DA,UN 5! 6-
            PWK S 10 1! 2!
            DTP S 1 1!=472 2!=D8,RD8 3!
            REF S 1 1:6R 2!
            REF S 1 1:9B 2!
            REF S 1 1:9D 2!
            AMT S 1 1:GT 2!
            AMT S 1 1:N8 2!
            NTE S 1 1!=TPO 2!
            HCP S 1 1! 2!
            2410 S 1
              LIN R 1 2!=N4 3!
              CTP R 1 4! 5!
              REF S 1 1!=VY,XZ 2!
            2420A S 1
              NM1 R 1 1:72 2!=1 3! 8=XX
              REF S 20 1!=0B,1G,G2,LU 2!
            2420B S 1
              NM1 R 1 1:ZZ 2!=1 3! 8=XX
              REF S 20 1!=0B,1G,G2,LU 2!
            2420C S 1
              NM1 R 1 1:82 2!=1 3! 8=XX
              REF S 20 1!=0B,1G,G2,LU 2!
            2420D S 1
              NM1 R 1 1:DN 2!=1 3! 8=XX
              REF S 20 1!=0B,1G,G2 2!
            2430 S 15
              SVD R 1 1! 2! 4! 5!
              CAS S 5 1!=CO,CR,OA,PI,PR
              DTP R 1 1!=573 2!=D8 3!
              AMT S 1 1!=EAF 2!
        end
        set 837 005010X223A2 HC
        each AMT 3-
        each CL1 4-
        each CLM 3- 4- 5.2=A 6- 7=A,B,C 8=N,W,Y 9=I,Y 10- 11- 12- 13- 14- 15- 16- 17- 18-
        each CN1 1=01,02,03,04,05,06,09
        each CRC 1=ZZ 2=N,Y 3=AV,NU,S2,ST 6- 7-
        each CTP 1- 2- 3- 5.1=F2,GR,ME,ML,UN 6- 7- 8- 9- 10- 11-
        each CUR 3- 4- 5- 6- 7- 8- 9- 10- 11- 12- 13- 14- 15- 16- 17- 18- 19- 20- 21-
        each DMG 3=F,M,U 4- 5- 6- 7- 8- 9- 10- 11-
        each HCP 1=00,01,02,03,04,05,06,07,08,09,10,11,12,13,14 9=ER,HC,HP,IV,WK 11=DA,UN \
        13=T1,T2,T3,T4,T5,T6 14=1,2,3,4,5 15=1,2,3,4,5,6
        each HI 1.3=D8,RD8 1.9=N,U,W,Y 2.1=ABF,ABN,APR,BBQ,BE,BF,BG,BH,BI,BN,BQ,PR,TC 2.3=D8,RD8 \
        2.9=N,U,W,Y 3.1=ABF,ABN,APR,BBQ,BE,BF,BG,BH,BI,BN,BQ,PR,TC 3.3=D8,RD8 3.9=N,U,W,Y \
        4.1=ABF,ABN,BBQ,BE,BF,BG,BH,BI,BN,BQ,TC 4.3=D8,RD8 4.9=N,U,W,Y \
        5.1=ABF,ABN,BBQ,BE,BF,BG,BH,BI,BN,BQ,TC 5.3=D8,RD8 5.9=N,U,W,Y \
        6.1=ABF,ABN,BBQ,BE,BF,BG,BH,BI,BN,BQ,TC 6.3=D8,RD8 6.9=N,U,W,Y \
        7.1=ABF,ABN,BBQ,BE,BF,BG,BH,BI,BN,BQ,TC 7.3=D8,RD8 7.9=N,U,W,Y \
        8.1=ABF,ABN,BBQ,BE,BF,BG,BH,BI,BN,BQ,TC 8.3=D8,RD8 8.9=N,U,W,Y \
        9.1=ABF,ABN,BBQ,BE,BF,BG,BH,BI,BN,BQ,TC 9.3=D8,RD8 9.9=N,U,W,Y \
        10.1=ABF,ABN,BBQ,BE,BF,BG,BH,BI,BN,BQ,TC 10.3=D8,RD8 10.9=N,U,W,Y \
        11.1=ABF,ABN,BBQ,BE,BF,BG,BH,BI,BN,BQ,TC 11.3=D8,RD8 11.9=N,U,W,Y \
        12.1=ABF,ABN,BBQ,BE,BF,BG,BH,BI,BN,BQ,TC 12.3=D8,RD8 12.9=N,U,W,Y
        each K3 2- 3-
        each LIN 1- 2=N4 4- 5- 6- 7- 8- 9- 10- 11- 12- 13- 14- 15- 16- 17- 18- 19- 20- 21- 22-
        each MIA 2-
        each N4 5- 6-
        each NM1 6- 8=46,II,MI,PI,XV,XX 10- 11- 12-
        each NTE 1=ADD,ALG,DCP,DGN,DME,MED,NTR,ODT,RHB,RLH,RNH,SET,SFM,SPT,TPO,UPI
        each OI 1- 2- 3=N,W,Y 4- 5- 6=I,Y
        each PAT 2- 3- 4- 5- 6- 7- 8- 9-
        each PER 3=EM,FX,TE 5=EM,EX,FX,TE 7=EM,EX,FX,TE 9-
        each PRV 2=PXC 4- 5- 6-
        each PWK 1=03,04,05,06,07,08,09,10,11,13,15,21,A3,A4,AM,AS,B2,B3,B4,BR,BS,BT,CB,CK,CT,\
        D2,DA,DB,DG,DJ,DS,EB,HC,HR,I5,IR,LA,M1,MT,NN,OB,OC,OD,OE,OX,OZ,P4,P5,PE,PN,PO,PQ,PY,PZ,\
        RB,RR,RT,RX,SG,V5,XP 2=AA,BM,EL,EM,FT,FX 3- 4- 5=AC 7- 8- 9-
        each REF 3-
        each SBR 2=01,18,19,20,21,39,40,53,G8 5- 6- 7- 8- \
        9=11,12,13,14,15,16,17,AM,BL,CH,CI,DS,FI,HM,LM,MA,MB,MC,OF,TV,VA,WC,ZZ
        each SV2 2.1=ER,HC,HP,IV,WK 4=DA,UN 6- 8- 9- 10-
        each SVD 3.1=ER,HC,HP,IV,WK
        ST R 1 3!
        BHT R 1 1!=0019 2!=00,18 3! 4! 5! 6!=31,CH,RP
        1000A R 1
          NM1 R 1 1:41 2!=1,2 3! 8!=46 9!
          PER R 2 1!=IC 3!=EM,FX,TE 4! 5=EM,EX,FX,TE 7=EM,EX,FX,TE
        1000B R 1
          NM1 R 1 1:40 2!=2 3! 8!=46 9!
        2000A R *
          HL R 1 1! 2- 3:20 4!=1
          PRV S 1 1!=BI 2!=PXC 3!
          CUR S 1 1!=85 2!
          2010AA R 1
            NM1 R 1 1:85 2!=2 3! 8=XX
            use address
            REF R 1 1!=EI 2!
            PER S 2 1!=IC 3! 4!
          2010AB S 1
            NM1 R 1 1:87 2!=2
            use address
          2010AC S 1
            NM1 R 1 1:PE 2!=2 3! 8!=PI,XV 9!
            use address
            REF S 1 1:2U,FY,NF 2!
            REF R 1 1:EI 2!
          2000B R *
            HL R 1 1! 2! 3:22 4!=0,1
            SBR R 1 1!=A,B,C,D,E,F,G,H,P,S,T,U 2=18 \
        9=11,12,13,14,15,16,17,AM,BL,CH,CI,DS,FI,HM,LM,MA,MB,MC,OF,TV,VA,WC,ZZ
            2010BA R 1
              NM1 R 1 1:IL 2!=1,2 3! 8=II,MI
              N3 S 1
              N4 S 1 1!
              DMG S 1 1!=D8 2! 3!=F,M,U
              REF S 1 1:SY 2!
              REF S 1 1:Y4 2!
            2010BB R 1
              NM1 R 1 1:PR 2!=2 3! 8!=PI,XV 9!
              N3 S 1
              N4 S 1 1!
              REF S 3 1:2U,EI,FY,NF 2!
              REF S 2 1:G2,LU 2!
            use claim837I
            2000C S *
              HL R 1 1! 2! 3:23 4!=0
              PAT R 1 1!=01,19,20,21,39,40,53,G8
              2010CA R 1
                NM1 R 1 1:QC 2!=1 3! 8-
                use address
                DMG R 1 1!=D8 2! 3!=F,M,U
                REF S 1 1:Y4 2!
                REF S 1 1:1W,SY 2!
              use claim837I
        """
}
