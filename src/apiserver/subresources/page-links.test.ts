/** Pages in, pages out: which links lead through the proxy afterwards. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { behindPrefix, PageLinks } from './proxy/page-links.ts';

const prefix = '/api/v1/namespaces/d/pods/p:80/proxy';
const hosts = ['10.244.0.5:80', 'api.example:6443'];

function through(page: string, pieceLength = page.length): string {
  const links = new PageLinks(prefix, hosts);
  let out = '';
  for (let at = 0; at < page.length; at += pieceLength) out += links.push(page.slice(at, at + pieceLength));
  return out + links.end();
}

test('a link of a proxied page – to a path of the backend – leads through the proxy, all others stay', () => {
  const rewritten = (link: string) => behindPrefix(link, prefix, hosts);
  assert.equal(rewritten('/'), `${prefix}/`);
  assert.equal(rewritten('/a/b?c=/d#e'), `${prefix}/a/b?c=/d#e`);
  assert.equal(rewritten('http://10.244.0.5:80/a'), `${prefix}/a`);
  assert.equal(rewritten('//10.244.0.5:80/a'), `${prefix}/a`);
  assert.equal(rewritten('https://api.example:6443/a'), `${prefix}/a`);
  assert.equal(rewritten(`${prefix}/a`), `${prefix}/a`);
  for (const same of [
    'a/b',
    '../a',
    '#top',
    '?q',
    '',
    'https://elsewhere/a',
    '//elsewhere/a',
    'mailto:a@b',
  ]) {
    assert.equal(rewritten(same), same);
  }
});

test('a proxied page – attributes that hold links – are changed, and nothing else', () => {
  assert.equal(through('<a href="/x">y</a>'), `<a href="${prefix}/x">y</a>`);
  assert.equal(through("<A class=/c HREF = '/x'>"), `<A class=/c HREF = '${prefix}/x'>`);
  assert.equal(through('<img alt="a > b" src=/x.png>'), `<img alt="a > b" src=${prefix}/x.png>`);
  assert.equal(through('1 < 2 <link href="/x"> 3 > 2'), `1 < 2 <link href="${prefix}/x"> 3 > 2`);
  assert.equal(through('<script src="/s">"<a href=\'/x\'>"</script><a href="/y">'), scripted);
  for (const same of [
    '<!-- <a href="/x"> -->',
    '<div href="/x">',
    '<a title="href=\'/x\'">',
    '<textarea><a href="/x"></textarea>',
    'caf\u00e9 <p',
    '<a href="/unended',
  ]) {
    assert.equal(through(same), same);
  }
});

const scripted = `<script src="${prefix}/s">"<a href='/x'>"</script><a href="${prefix}/y">`;

test('a proxied page – cut into pieces at any byte – is changed as a whole one', () => {
  const page = `<!doctype html><!-- <a href="/no"> --><a href="/x" title="it's > that"><script>if (a</b/) "<a href='/no'>";</script>
    <form action='/y'><style>a{}</style></form> <`;
  const whole = through(page);
  assert.equal(whole.split(prefix).length, 3);
  for (let length = 1; length < page.length; length++) assert.equal(through(page, length), whole);
});
