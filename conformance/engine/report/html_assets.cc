#include "conformance/engine/report/html_assets.h"

namespace grantspec {

const std::string_view kHtmlStyle = R"css(
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#57606a;--line:#d0d7de;--card:#f6f8fa;
--fail:#b42318;--warn:#7d4e00;--pass:#17692f;--other:#57606a;--mark:#ffe08a;--link:#0550ae}
@media(prefers-color-scheme:dark){:root{--bg:#0f1318;--fg:#e6edf3;--dim:#9aa4af;--line:#30363d;
--card:#171c23;--fail:#ff8f85;--warn:#e3b341;--pass:#6fdd8b;--other:#9aa4af;--mark:#5c4a00;
--link:#79b8ff}}
*{box-sizing:border-box}[hidden]{display:none!important}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif;
overflow-wrap:anywhere}
main{max-width:76rem;margin:0 auto;padding:1rem}a{color:var(--link)}
h1{font-size:1.45rem;line-height:1.3;margin:.2rem 0}h2{font-size:1.15rem;margin:1.8rem 0 .5rem}
h3{font-size:1rem;margin:1rem 0 .3rem}.part{font-size:.85rem;margin:.3rem 0 .2rem;color:var(--dim)}
p{margin:.3rem 0}.dim{color:var(--dim)}.target{font-weight:400}
.fail{color:var(--fail)}.warn{color:var(--warn)}.pass{color:var(--pass)}
.info,.waived,.inconclusive,.not_applicable{color:var(--other)}
.v{font-weight:700}.level{font-size:.72rem;font-weight:600;border:1px solid var(--line);
border-radius:.25rem;padding:0 .3rem;white-space:nowrap;color:var(--dim)}
button,select,input{font:inherit;color:var(--fg);background:var(--bg);border:1px solid var(--line);
border-radius:.35rem;padding:.25rem .55rem;max-width:100%}button{cursor:pointer}
button:hover{border-color:var(--dim)}
.counts{display:flex;flex-wrap:wrap;gap:.5rem;margin:.8rem 0}
.counts button{background:var(--card);text-align:left;padding:.3rem .7rem}
.counts b{display:block;font-size:1.2rem;line-height:1.2}
.counts button[aria-pressed=true]{outline:2px solid var(--link);outline-offset:-1px}
form{display:flex;flex-wrap:wrap;gap:.6rem;align-items:end;margin:.6rem 0}
label{display:flex;flex-direction:column;font-size:.85rem;color:var(--dim);min-width:0}
details{border:1px solid var(--line);border-radius:.4rem;margin:.35rem 0;background:var(--card)}
details:target{border-color:var(--link)}
summary{padding:.45rem .7rem;cursor:pointer}summary .got{display:block;padding-left:1.1rem;
font-size:.88rem;color:var(--dim)}
.body{padding:0 .9rem .8rem}
pre{overflow:auto;max-height:28rem;margin:0;background:var(--bg);border:1px solid var(--line);
border-radius:.3rem;padding:.55rem;font:.82rem/1.45 ui-monospace,monospace;white-space:pre-wrap}
mark{background:var(--mark);color:var(--fg);border-radius:.15rem}
.pair{display:grid;grid-template-columns:minmax(0,1fr);gap:.6rem;margin:.4rem 0}
@media(min-width:52rem){.pair{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}}
.tools{display:flex;flex-wrap:wrap;gap:.4rem;margin:.5rem 0;font-size:.88rem}
dl{display:grid;grid-template-columns:6rem minmax(0,1fr);gap:.2rem .8rem;margin:.4rem 0}
dt{color:var(--dim)}dd{margin:0}ul.cases{margin:.2rem 0;padding-left:1.2rem}
table{border-collapse:collapse;width:100%;font-size:.88rem}
th,td{border-bottom:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top}
.sparkline{vertical-align:middle}.sparkline .red{fill:var(--fail)}
.sparkline .green{fill:var(--pass)}.sparkline .none{fill:var(--dim)}
@media(max-width:44rem){dl{grid-template-columns:minmax(0,1fr)}dd{margin-bottom:.3rem}
thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
table,tbody,tr,th,td{display:block}td{border:0;padding:.1rem .5rem}
tr{border-bottom:1px solid var(--line);padding:.3rem 0}th{border:0}}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
@media print{form,.tools,.counts button[data-verdict=any]{display:none}details{break-inside:avoid}
pre{max-height:none}a{color:inherit}body{font-size:11px}}
)css";

const std::string_view kHtmlScript = R"js(
'use strict';
const form=document.forms.filter,status=document.getElementById('status');
const rows=[...document.querySelectorAll('details[data-verdict]')];
const buttons=[...document.querySelectorAll('.counts button[data-verdict]')];
const names=['verdict','category','text'],start={};
for(const n of names)start[n]=form[n].value;
function show(){
  const v=form.verdict.value,c=form.category.value,t=form.text.value.trim().toLowerCase();let n=0;
  for(const d of rows){
    const is=d.dataset.verdict;
    const ok=(v==='any'||is===v||v==='findings'&&/^(fail|warn|inconclusive)$/.test(is))&&
      (c==='any'||d.dataset.category===c)&&(!t||d.dataset.text.includes(t));
    d.hidden=!ok;if(ok)n++;
  }
  for(const b of buttons)b.setAttribute('aria-pressed',String(b.dataset.verdict===v));
  status.textContent=n+' of '+rows.length+' cases shown';
}
function keep(){
  const query=new URLSearchParams();
  for(const n of names)if(form[n].value!==start[n])query.set(n,form[n].value);
  const text=query.toString();
  try{history.replaceState(null,'',location.pathname+(text?'?'+text:'')+location.hash)}catch(e){}
}
function read(){
  const query=new URLSearchParams(location.search);
  for(const n of names){
    const value=query.get(n);if(value===null)continue;
    if(n==='text'||[...form[n].options].some(o=>o.value===value))form[n].value=value;
  }
}
function follow(){
  let id='';try{id=decodeURIComponent(location.hash.slice(1))}catch(e){return}
  const d=id&&document.getElementById(id);if(!d)return;
  if(d.hidden){form.verdict.value='any';form.category.value='any';form.text.value='';show();keep()}
  if(d.tagName==='DETAILS')d.open=true;
  d.scrollIntoView();const s=d.querySelector('summary');if(s)s.focus({preventScroll:true});
}
function copied(button,text){
  const done=()=>{const was=button.dataset.label||(button.dataset.label=button.textContent);
    button.textContent='Copied';status.textContent='Copied: '+was;
    setTimeout(()=>{button.textContent=was},1500)};
  const by=()=>{const a=document.createElement('textarea');a.value=text;document.body.append(a);
    a.select();const ok=document.execCommand('copy');a.remove();button.focus();if(ok)done()};
  if(navigator.clipboard)navigator.clipboard.writeText(text).then(done,by);else by();
}
function textFor(button){
  if(button.dataset.copy)return button.dataset.copy;
  const text=button.closest('.exchange').querySelector('pre.request').textContent;
  const end=text.indexOf('\n\n');if(end<0)return text;
  return text.slice(0,end+2).replace(/\n/g,'\r\n')+text.slice(end+2);
}
document.addEventListener('click',e=>{
  const b=e.target.closest('button');if(!b)return;
  if(b.classList.contains('copy'))copied(b,textFor(b));
  else if(b.dataset.verdict){form.verdict.value=b.dataset.verdict;show();keep();
    document.getElementById('cases').scrollIntoView()}
});
form.addEventListener('input',()=>{show();keep()});
form.addEventListener('submit',e=>e.preventDefault());
form.addEventListener('reset',()=>setTimeout(()=>{show();keep()}));
addEventListener('hashchange',follow);
addEventListener('beforeprint',()=>{
  for(const d of document.querySelectorAll('.cause'))d.open=true;
});
read();show();follow();
)js";

}  // namespace grantspec
