/** Pages in, pages out: which links lead through the proxy afterwards. */

import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { behindPrefix, PageLinks } from './proxy/page-links.ts';

const prefix = '/api/v1/namespaces/d/pods/p:80/proxy';
const hosts = ['10.244.0.5:80', 'api.example:6443'];

function through(page: string, pieceLength = page.length): string {
  const links = new PageLinks(prefix, hosts);
  let out = '';
  for (let at = 0; at < page.length; at += pieceLength) out += links.push(page.slice(at, at + pieceLength));
  return out + links.end();
}

describe('a link of a proxied page – to a path of the backend – leads through the proxy, all others stay', () => {
  const cases: [link: string, rewritten: string][] = [
    ['/', `${prefix}/`],
    ['/a/b?c=/d#e', `${prefix}/a/b?c=/d#e`],
    ['http://10.244.0.5:80/a', `${prefix}/a`],
    ['//10.244.0.5:80/a', `${prefix}/a`],
    ['https://api.example:6443/a', `${prefix}/a`],
    [`${prefix}/a`, `${prefix}/a`],
  ];
  const kept = ['a/b', '../a', '#top', '?q', '', 'https://elsewhere/a', '//elsewhere/a', 'mailto:a@b'];
  for (const [link, rewritten] of [...cases, ...kept.map((link) => [link, link] as const)]) {
    test(JSON.stringify(link), () => {
      assert.equal(behindPrefix(link, prefix, hosts), rewritten);
    });
  }
});

describe('a proxied page – attributes that hold links – are changed, and nothing else', () => {
  const scripted = `<script src="${prefix}/s">"<a href='/x'>"</script><a href="${prefix}/y">`;
  const cases: [page: string, rewritten: string][] = [
    ['<a href="/x">y</a>', `<a href="${prefix}/x">y</a>`],
    ["<A class=/c HREF = '/x'>", `<A class=/c HREF = '${prefix}/x'>`],
    ['<img alt="a > b" src=/x.png>', `<img alt="a > b" src=${prefix}/x.png>`],
    ['1 < 2 <link href="/x"> 3 > 2', `1 < 2 <link href="${prefix}/x"> 3 > 2`],
    ['<script src="/s">"<a href=\'/x\'>"</script><a href="/y">', scripted],
  ];
  const kept = [
    '<!-- <a href="/x"> -->',
    '<div href="/x">',
    '<a title="href=\'/x\'">',
    '<textarea><a href="/x"></textarea>',
    'caf\u00e9 <p',
    '<a href="/unended',
  ];
  for (const [page, rewritten] of [...cases, ...kept.map((page) => [page, page] as const)]) {
    test(page, () => {
      assert.equal(through(page), rewritten);
    });
  }
});

test('a proxied page – cut into pieces at any byte – is changed as a whole one', () => {
  const page = `<!doctype html><!-- <a href="/no"> --><a href="/x" title="it's > that"><script>if (a</b/) "<a href='/no'>";</script>
    <form action='/y'><style>a{}</style></form> <`;
  const whole = through(page);
  assert.equal(whole.split(prefix).length, 3);
  for (let length = 1; length < page.length; length++) assert.equal(through(page, length), whole);
});
