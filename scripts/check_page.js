// Opens an HTML report in Chromium and checks what a reader relies on: no overflow from 360 px on,
// light and dark, links that work on a changed hash, filters in the URL, copying, and axe.
//
//   NODE_PATH=... node scripts/check_page.js REPORT.html [FOLDER FOR SCREENSHOTS]
//
// Prints a line for each problem. Exit code: 0 none, 1 some.
'use strict';
const fs = require('fs');
const path = require('path');
const { chromium } = require('playwright-core');

const [report, shots] = process.argv.slice(2);
const problems = [];
const check = (what, good) => {
  if (!good) problems.push(what);
};

async function checkLayout(page, width, scheme) {
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme: scheme });
  if (shots) {
    const name = path.basename(report, '.html') + `-${width}-${scheme}.png`;
    await page.screenshot({ path: path.join(shots, name) });
  }
  const wide = await page.evaluate(() => {
    const limit = document.documentElement.clientWidth;
    return [...document.querySelectorAll('main *')]
      .filter((e) => e.checkVisibility() && !e.closest('thead'))
      .filter((e) => e.getBoundingClientRect().right > limit + 1)
      .map((e) => e.outerHTML.slice(0, 80));
  });
  check(`${width} px ${scheme}: ${wide.length} elements overflow: ${wide[0]}`, wide.length === 0);
}

async function checkAxe(page, scheme) {
  await page.emulateMedia({ colorScheme: scheme });
  const result = await page.evaluate(() => window.axe.run());
  for (const one of result.violations) {
    check(`axe, ${scheme}: ${one.id}: ${one.help}: ${one.nodes[0].html.slice(0, 120)}`, false);
  }
}

async function checkBehavior(page, url) {
  const names = await page.$$eval('details[data-verdict]', (all) => all.map((e) => e.id));
  const last = names[names.length - 1];
  await page.evaluate((id) => (location.hash = id), last);
  await page.waitForTimeout(100);
  const open = await page.$eval(`[id="${last}"]`, (e) => e.open && !e.hidden);
  check('a changed hash does not open its case', open);
  await page.click('.counts button[data-verdict=pass]');
  check('a count does not filter', new URL(page.url()).searchParams.get('verdict') === 'pass');
  const pressed = await page.getAttribute('.counts button[data-verdict=pass]', 'aria-pressed');
  check('the count is not pressed', pressed === 'true');
  await page.goto(url + '?verdict=any&text=zzz');
  check('the URL does not filter', /^0 of /.test(await page.textContent('#status')));
  await page.goto(url);
  const copy = await page.$('.cause .copy');
  if (!copy) return;
  await page.evaluate(() => (document.querySelector('.cause').open = true));
  await copy.click();
  await page.waitForTimeout(100);
  const text = await page.evaluate(() => navigator.clipboard.readText());
  check('a request is not copied as it was sent', /^\S[^\r\n]* HTTP\/1\.\d\r\n/.test(text));
}

async function main() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  const context = await browser.newContext({
    permissions: ['clipboard-read', 'clipboard-write'],
    bypassCSP: true, // for axe; the page itself needs no more than its policy allows
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => check(`script error: ${error.message}`, false));
  const url = 'file://' + path.resolve(report);
  await page.goto(url);
  for (const width of [360, 768, 1280]) {
    for (const scheme of ['light', 'dark']) await checkLayout(page, width, scheme);
  }
  await checkBehavior(page, url);
  await page.evaluate(() => {
    const shown = [...document.querySelectorAll('details:not([hidden])')];
    for (const e of shown.slice(0, 12)) e.open = true;
  });
  if (shots) {
    await page.setViewportSize({ width: 1280, height: 1400 });
    const name = path.basename(report, '.html') + '-open.png';
    await page.screenshot({ path: path.join(shots, name) });
  }
  await checkLayout(page, 360, 'light');
  let axe = null;
  try {
    axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
  } catch (error) {
    console.log('axe-core is not installed: not checked');
  }
  if (axe) {
    await page.addScriptTag({ content: axe });
    for (const scheme of ['light', 'dark']) await checkAxe(page, scheme);
  }
  await browser.close();
  for (const one of problems) console.log(one);
  process.exitCode = problems.length ? 1 : 0;
}

main();
