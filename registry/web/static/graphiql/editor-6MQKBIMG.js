import{a}from"./part-5SKKU3LO.js";import"./part-BPDPHJVB.js";import"./part-Q2FXKZVX.js";import"./part-PPVC7ITH.js";import"./part-7B3N3G7K.js";import"./part-X2IEPP44.js";export{a as initialize};
