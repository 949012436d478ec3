/// Professional claims: 837P (005010X222A1).
enum Grammar837P {
    static let text = """
        block address
        N3 R 1
        N4 R 1 1!
        end
        block claim837P
        2300 S 100
          CLM R 1 1! 2! 3- 4- 5! 5.1! 5.2!=B 5.3! 6!=N,Y 7!=A,B,C 8!=N,W,Y 9!=I,Y 10=P
          DTP S 2 1:431,454 2!=D8 3!
          DTP S 1 1:304 2!=D8 3!
          DTP S 1 1:453 2!=D8 3!
          DTP S 10 1:439 2!=D8,DT 3!
          DTP S 1 1:484 2!=D8 3!
          DTP S 1 1:455 2!=D8 3!
          DTP S 1 1:471 2!=D8 3!
          DTP S 3 1:314,360,361 2!=D8,RD8 3!
          DTP S 1 1:297 2!=D8 3!
          DTP S 1 1:296 2!=D8 3!
          DTP S 1 1:435 2!=D8 3!
          DTP S 1 1:096 2!=D8 3!
          DTP S 2 1:090,091 2!=D8 3!
          DTP S 1 1:444 2!=D8 3!
          DTP S 1 1:050 2!=D8 3!
          PWK S 10 1! 2!=AA,BM,EL,EM,FT,FX
          CN1 S 1 1!
          AMT S 1 1!=F5 2!
          REF S 1 1:4N 2!
          REF S 1 1:F5 2!
          REF S 1 1:EW 2!
          REF S 1 1:9F 2!
          REF S 1 1:G1 2!
          REF S 1 1:F8 2!
          REF S 1 1:X4 2!
          REF S 1 1:9A 2!
          REF S 1 1:9C 2!
          REF S 1 1:LX 2!
          REF S 1 1:D9 2!
          REF S 1 1:EA 2!
          REF S 1 1:P4 2!
          REF S 1 1:1J 2!
          K3 S 10 1!
          NTE S 1 1!=ADD,CER,DCP,DGN,TPO 2!
          CR1 S 1 4! 5! 6!
          CR2 S 1 8!
          CRC S 3 1:07 2!=N,Y 3!
          CRC S 3 1:E1,E2,E3 2!=N,Y 3!
          CRC S 1 1:75 2!=Y 3!
          CRC S 1 1:ZZ 2!=N,Y 3!
          HI R 1 1.1:ABK,BK 1.2!
          HI S 1 1.1:BP 1.2!
          HI S 2 1.1:BG 1.2!
          HCP S 1 1! 2!
          2310A S 2
            NM1 R 1 1:DN,P3 2!=1 3! 8=XX
            REF S 3 1!=0B,1G,G2 2!
          2310B S 1
            NM1 R 1 1:82 2!=1,2 3! 8=XX
            PRV S 1 1!=PE 2!=PXC 3!
            REF S 4 1!=0B,1G,G2,LU 2!
          2310C S 1
            NM1 R 1 1:77 2!=2 3! 8=XX
            use address
            REF S 3 1!=0B,G2,LU 2!
            PER S 1 1!=IC 3! 4!
          2310D S 1
            NM1 R 1 1:DQ 2!=1 3! 8=XX
            REF S 4 1!=0B,1G,G2,LU 2!
          2310E S 1
            NM1 R 1 1:PW 2!=2
            use address
          2310F S 1
            NM1 R 1 1:45 2!=2
            use address
          2320 S 10
            SBR R 1 1!=A,B,C,D,E,F,G,H,P,S,T,U 2! \
        9=11,12,13,14,15,16,17,AM,BL,CH,CI,DS,FI,HM,LM,MA,MB,MC,OF,TV,VA,WC,ZZ
            CAS S 5 1!=CO,CR,OA,PI,PR
            AMT S 1 1:D 2!
            AMT S 1 1:EAF 2!
            AMT S 1 1:A8 2!
            OI R 1 3!=N,W,Y 6!=I,Y
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
            2330C S 2
              NM1 R 1 1:DN,P3 2!=1 8=XX
              REF R 3 1!=0B,1G,G2 2!
            2330D S 1
              NM1 R 1 1:82 2!=1,2 8=XX
              REF R 3 1!=0B,1G,G2,LU 2!
            2330E S 1
              NM1 R 1 1:77 2!=2 8=XX
              REF R 3 1!=0B,G2,LU 2!
            2330F S 1
              NM1 R 1 1:DQ 2!=1 8=XX
              REF R 4 1!=0B,1G,G2,LU 2!
            2330G S 1
              NM1 R 1 1:85 2!=1,2 8=XX
              REF R 2 1!=G2,LU 2!
          2400 R 50
            LX R 1 1!
            SV1 R 1 1! 1.1!=ER,HC,IV,WK 1.2! 2! 3!=MJ,UN 4! 6- 7! 7.1! 8- 9=Y 10- 11=Y 12=Y 15=0
            SV5 S 1 1! 2!=DA 3!
            PWK S 11 1! 2!
            CR1 S 1 4! 5! 6!
            CR3 S 1 1!=I,R,S 2!=MO 3!
            CRC S 3 1:07 2!=N,Y 3!
            CRC S 1 1:70 2!=N,Y 3!
            CRC S 1 1:09 2!=N,Y 3!
            DTP R 1 1:472 2!=D8,RD8 3!
            DTP S 1 1:471 2!=D8 3!
            DTP S 1 1:607 2!=D8 3!
            DTP S 1 1:463 2!=D8 3!
            DTP S 1 1:461 2!=D8 3!
            DTP S 1 1:304 2!=D8 3!
            DTP S 2 1:738,739 2!=D8 3!
            DTP S 1 1:011 2!=D8 3!
            DTP S 1 1:455 2!=D8 3!
            DTP S 1 1:454 2!=D8 3!
            QTY S 1 1:PT 2!
            QTY S 1 1:FL 2!
            MEA S 5 1!=OG,TR 2! 3!
            CN1 S 1 1!
            REF S 1 1:9B 2!
            REF S 1 1:9D 2!
            REF S 5 1:G1 2!
            REF S 1 1:6R 2!
            REF S 1 1:EW 2!
            REF S 1 1:X4 2!
            REF S 1 1:F4 2!
            REF S 1 1:BT 2!
            REF S 5 1:9F 2!
            AMT S 1 1:T 2!
            AMT S 1 1:F4 2!
            K3 S 10 1!
            NTE S 1 1:ADD,DCP 2!
            NTE S 1 1:TPO 2!
            PS1 S 1 1! 2!
            HCP S 1 1! 2!
            2410 S 1
              LIN R 1 2!=EN,EO,HI,N4,ON,UK,UP 3!
              CTP R 1 4! 5!
              REF S 1 1!=VY,XZ 2!
            2420A S 1
              NM1 R 1 1:82 2!=1,2 3! 8=XX
              PRV S 1 1!=PE 2!=PXC 3!
              REF S 20 1!=0B,1G,G2,LU 2!
            2420B S 1
              NM1 R 1 1:QB 2!=1,2 8=XX
              REF S 20 1!=0B,1G,G2 2!
            2420C S 1
              NM1 R 1 1:77 2!=2 3! 8=XX
              use address
              REF S 3 1!=G2,LU 2!
            2420D S 1
              NM1 R 1 1:DQ 2!=1 3! 8=XX
              REF S 20 1!=0B,1G,G2,LU 2!
            2420E S 1
              NM1 R 1 1:DK 2!=1 3! 8=XX
              N3 S 1
              N4 S 1 1!
              REF S 20 1!=0B,1G,G2 2!
              PER S 1 1!=IC 3! 4!
            2420F S 2
              NM1 R 1 1:DN,P3 2!=1 3! 8=XX
              REF S 20 1!=0B,1G,G2 2!
            2420G S 1
              NM1 R 1 1:PW 2!=2
              use address
            2420H S 1
              NM1 R 1 1:45 2!=2
              use address
            2430 S 15
              SVD R 1 1! 2! 3! 5!
              CAS S 5 1!=CO,CR,OA,PI,PR
              DTP R 1 1!=573 2!=D8 3!
              AMT S 1 1!=EAF 2!
            2440 S *
              LQ R 1 1!=AS,UT 2!
              FRM R 99 1!
        end
        set 837 005010X222A1 HC
        each AMT 3-
        each CLM 3- 4- 5.2=B 6=N,Y 7=A,B,C 8=N,W,Y 9=I,Y 10=P 11.1=AA,EM,OA 11.2=AA,EM,OA \
        12=02,03,05,09 13- 14- 15- 16- 17- 18-
        each CN1 1=01,02,03,04,05,06,09
        each CR1 1=LB 3- 4=A,B,C,D,E 5=DH 7- 8-
        each CR2 1- 2- 3- 4- 5- 6- 7- 8=A,C,D,E,F,G,M 9- 12-
        each CR3 1=I,R,S 2=MO 4- 5-
        each CRC 1=07,09,70,75,E1,E2,E3,ZZ 2=N,Y \
        3=01,04,05,06,07,08,09,12,38,65,AV,IH,L1,L2,L3,L4,L5,NU,S2,ST,ZV \
        4=01,04,05,06,07,08,09,12,38,AV,L1,L2,L3,L4,L5,NU,S2,ST,ZV \
        5=01,04,05,06,07,08,09,12,AV,L1,L2,L3,L4,L5,NU,S2,ST \
        6=01,04,05,06,07,08,09,12,L1,L2,L3,L4,L5 7=01,04,05,06,07,08,09,12,L1,L2,L3,L4,L5
        each CTP 1- 2- 3- 5.1=F2,GR,ME,ML,UN 6- 7- 8- 9- 10- 11-
        each CUR 3- 4- 5- 6- 7- 8- 9- 10- 11- 12- 13- 14- 15- 16- 17- 18- 19- 20- 21-
        each DMG 3=F,M,U 4- 5- 6- 7- 8- 9- 10- 11-
        each FRM 2=N,W,Y
        each HCP 1=00,01,02,03,04,05,06,07,08,09,10,11,12,13,14 8- 9=ER,HC,IV,WK 11=MJ,UN \
        13=T1,T2,T3,T4,T5,T6 14=1,2,3,4,5 15=1,2,3,4,5,6
        each HI 2.1=ABF,BF,BG,BO 3.1=ABF,BF,BG 4.1=ABF,BF,BG 5.1=ABF,BF,BG 6.1=ABF,BF,BG \
        7.1=ABF,BF,BG 8.1=ABF,BF,BG 9.1=ABF,BF,BG 10.1=ABF,BF,BG 11.1=ABF,BF,BG 12.1=ABF,BF,BG
        each K3 2- 3-
        each LIN 1- 2=EN,EO,HI,N4,ON,UK,UP 4- 5- 6- 7- 8- 9- 10- 11- 12- 13- 14- 15- 16- 17- 18- \
        19- 20- 21- 22-
        each MEA 1=OG,TR 2=HT,R1,R2,R3,R4 4- 5- 6- 7- 8- 9- 10- 11- 12-
        each N4 5- 6-
        each NM1 6- 8=46,II,MI,PI,XV,XX 10- 11- 12-
        each NTE 1=ADD,CER,DCP,DGN,TPO
        each OI 1- 2- 3=N,W,Y 4=P 5- 6=I,Y
        each PAT 2- 3- 4- 5=D8 7=01 9=Y
        each PER 3=ED,EM,FX,TE 5=ED,EM,EX,FX,TE 7=ED,EM,EX,FX,TE 9-
        each PRV 2=PXC 4- 5- 6-
        each PS1 3-
        each PWK 1=03,04,05,06,07,08,09,10,11,13,15,21,A3,A4,AM,AS,B2,B3,B4,BR,BS,BT,CB,CK,CT,\
        D2,DA,DB,DG,DJ,DS,EB,HC,HR,I5,IR,LA,M1,MT,NN,OB,OC,OD,OE,OX,OZ,P4,P5,PE,PN,PO,PQ,PY,PZ,\
        RB,RR,RT,RX,SG,V5,XP 2=AA,AB,AD,AF,AG,BM,EL,EM,FT,FX,NS 3- 4- 5=AC 7- 8- 9-
        each QTY 3- 4-
        each REF 3-
        each SBR 2=01,18,19,20,21,39,40,53,G8 5=12,13,14,15,16,41,42,43,47 6- 7- 8- \
        9=11,12,13,14,15,16,17,AM,BL,CH,CI,DS,FI,HM,LM,MA,MB,MC,OF,TV,VA,WC,ZZ
        each SV1 1.1=ER,HC,IV,WK 3=MJ,UN 6- 7.1=1,10,11,12,2,3,4,5,6,7,8,9 \
        7.2=1,10,11,12,2,3,4,5,6,7,8,9 7.3=1,10,11,12,2,3,4,5,6,7,8,9 \
        7.4=1,10,11,12,2,3,4,5,6,7,8,9 8- 9=Y 10- 11=Y 12=Y 13- 14- 15=0 16- 17- 18- 19-
        each SV5 1.1=HC 2=DA 6=1,4,6 7-
        each SVD 3.1=ER,HC,IV,WK 4-
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
            NM1 R 1 1:85 2!=1,2 3! 8=XX
            use address
            REF R 1 1:EI,SY 2!
            REF S 2 1:0B,1G 2!
            PER S 2 1!=IC 3! 4!
          2010AB S 1
            NM1 R 1 1:87 2!=1,2
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
            PAT S 1
            2010BA R 1
              NM1 R 1 1:IL 2!=1,2 3! 8=II,MI
              N3 S 1
              N4 S 1 1!
              DMG S 1 1!=D8 2! 3!=F,M,U
              REF S 1 1:SY 2!
              REF S 1 1:Y4 2!
              PER S 1 1!=IC 3! 4!
            2010BB R 1
              NM1 R 1 1:PR 2!=2 3! 8!=PI,XV 9!
              N3 S 1
              N4 S 1 1!
              REF S 3 1:2U,EI,FY,NF 2!
              REF S 2 1:G2,LU 2!
            use claim837P
            2000C S *
              HL R 1 1! 2! 3:23 4!=0
              PAT R 1 1!=01,19,20,21,39,40,53,G8
              2010CA R 1
                NM1 R 1 1:QC 2!=1 3! 8-
                use address
                DMG R 1 1!=D8 2! 3!=F,M,U
                REF S 1 1:Y4 2!
                REF S 1 1:1W,SY 2!
                PER S 1 1!=IC 3! 4!
              use claim837P
        """
}
