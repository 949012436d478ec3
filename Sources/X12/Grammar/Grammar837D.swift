/// Dental claims: 837D (005010X224A2).
///
/// The block `address` stands in the table of the 837P.
enum Grammar837D {
    static let text = """
        block claim837D
        2300 S 100
          CLM R 1 1! 2! 3- 4- 5! 5.1! 5.2!=B 5.3! 6!=N,Y 7!=A,B,C 8!=N,W,Y 9!=I,Y
          DTP S 1 1:439 2!=D8 3!
          DTP S 1 1:452 2!=D8 3!
          DTP S 1 1:472 2!=D8,RD8 3!
          DTP S 1 1:050 2!=D8 3!
          DN1 S 1
          DN2 S 35 1! 2!
          PWK S 10 1! 2!
          CN1 S 1 1!
          AMT S 1 1!=F5 2!
          REF S 1 1:G3 2!
          REF S 1 1:4N 2!
          REF S 1 1:F8 2!
          REF S 1 1:9F 2!
          REF S 1 1:G1 2!
          REF S 1 1:9A 2!
          REF S 1 1:9C 2!
          REF S 1 1:D9 2!
          K3 S 10 1!
          NTE S 5 1!=ADD 2!
          HI S 1 1.1:ABK,BK,TQ 1.2!
          HCP S 1 1! 2!
          2310A S 2
            NM1 R 1 1:DN,P3 2!=1 3! 8=XX
            PRV S 1 1!=RF 2!=PXC 3!
            REF S 3 1!=0B,1G,G2 2!
          2310B S 1
            NM1 R 1 1:82 2!=1,2 3! 8=XX
            PRV S 1 1!=PE 2!=PXC 3!
            REF S 4 1!=0B,1G,G2,LU 2!
          2310C S 1
            NM1 R 1 1:77 2!=2 3! 8=XX
            use address
            REF S 3 1!=0B,1G,G2,LU 2!
          2310D S 1
            NM1 R 1 1:DD 2!=1 3! 8=XX
            PRV S 1 1!=AS 2!=PXC 3!
            REF S 4 1!=0B,1G,G2,LU 2!
          2310E S 1
            NM1 R 1 1:DQ 2!=1 3! 8=XX
            REF S 4 1!=0B,1G,G2,LU 2!
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
              REF S 6 1!=2U,9F,EI,F8,FY,G1,G3,NF,T4 2!
            2330C S 2
              NM1 R 1 1:DN,P3 2!=1 8=XX
              REF R 3 1!=0B,1G,G2,LU 2!
            2330D S 1
              NM1 R 1 1:82 2!=1,2 8=XX
              REF R 3 1!=0B,1G,G2,LU 2!
            2330E S 1
              NM1 R 1 1:DQ 2!=1 8=XX
              REF R 4 1!=0B,1G,G2,LU 2!
            2330F S 1
              NM1 R 1 1:85 2!=1,2 8=XX
              REF R 2 1!=0B,1G,G2,LU 2!
            2330G S 1
              NM1 R 1 1:77 2!=2 8=XX
              REF R 3 1!=0B,1G,G2,LU 2!
            2330H S 1
              NM1 R 1 1:DD 2!=1 8=XX
              REF R 3 1!=0B,1G,G2,LU 2!
          2400 R 50
            LX R 1 1!
            SV3 R 1 1! 1.1!=AD 1.2! 2!
            TOO S 32 1!=JP
            DTP S 1 1:472 2!=D8 3!
            DTP S 1 1:441 2!=D8 3!
            DTP S 1 1:452 2!=D8 3!
            DTP S 1 1:446 2!=D8 3!
            DTP S 1 1:196 2!=D8 3!
            DTP S 1 1:198 2!=D8 3!
            CN1 S 1 1!
            REF S 5 1:G3 2!
            REF S 5 1:G1 2!
            REF S 1 1:9A 2!
            REF S 1 1:6R 2!
            REF S 1 1:9C 2!
            REF S 5 1:9F 2!
            AMT S 1 1!=T 2!
            K3 S 10 1!
            HCP S 1 1! 2!
            2420A S 1
              NM1 R 1 1:82 2!=1,2 3! 8=XX
              PRV S 1 1!=PE 2!=PXC 3!
              REF S 20 1!=0B,1G,G2,LU 2!
            2420B S 1
              NM1 R 1 1:DD 2!=1 3! 8=XX
              PRV S 1 1!=AS 2!=PXC 3!
              REF S 20 1!=0B,1G,G2,LU 2!
            2420C S 1
              NM1 R 1 1:DQ 2!=1 3! 8=XX
              REF S 20 1!=0B,1G,G2,LU 2!
            2420D S 1
              NM1 R 1 1:77 2!=2 8=XX
              use address
              REF S 3 1!=0B,1G,G2,LU 2!
            2430 S 15
              SVD R 1 1! 2! 3! 5!
              CAS S 5 1!=CO,CR,OA,PI,PR
              DTP R 1 1!=573 2!=D8 3!
              AMT S 1 1!=EAF 2!
        end
        set 837 005010X224A2 HC
        each AMT 3-
        each CLM 3- 4-
        each CUR 3- 4- 5- 6- 7- 8- 9- 10- 11- 12- 13- 14- 15- 16- 17- 18- 19- 20- 21-
        each DMG 4- 5- 6- 7- 8- 9- 10- 11-
        each N4 5- 6-
        each NM1 10- 11- 12-
        each PER 3=EM,FX,TE 5=EM,EX,FX,TE 7=EM,EX,FX,TE 9-
        each REF 3-
        each SBR 7- 8-
        each TOO 3.1=B,D,F,I,L,M,O 3.2=B,D,F,I,L,M,O 3.3=B,D,F,I,L,M,O 3.4=B,D,F,I,L,M,O \
        3.5=B,D,F,I,L,M,O
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
            use claim837D
            2000C S *
              HL R 1 1! 2! 3:23 4!=0
              PAT R 1 1!=01,19,20,21,39,40,53,G8
              2010CA R 1
                NM1 R 1 1:QC 2!=1 3! 8-
                use address
                DMG R 1 1!=D8 2! 3!=F,M,U
                REF S 1 1:Y4 2!
                REF S 1 1:1W,SY 2!
              use claim837D
        """
}
