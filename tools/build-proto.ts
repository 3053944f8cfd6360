/** Turns the messages and services of a .proto file into the compact description that protobufjs loads. */

import { readFileSync, writeFileSync } from 'node:fs';
import protobuf from 'protobufjs';

const [source, target, ...wanted] = process.argv.slice(2);
if (!source || !target) throw new Error('usage: build-proto.ts FILE.proto OUT.json [SERVICE…]');

const { root, package: packageName = '' } = protobuf.parse(readFileSync(source, 'utf8'), { keepCase: false });
const namespace = root.lookup(packageName) as protobuf.Namespace;
const nested: Record<string, unknown> = {};
const services: Record<string, Record<string, [string, string]>> = {};

/** A message of the package's own, with all that its fields mention. */
function take(name: string): void {
  const found = namespace.get(name.split('.')[0] as string);
  if (!found || Object.hasOwn(nested, found.name)) return;
  nested[found.name] = found.toJSON();
  if (found instanceof protobuf.Type) takeFields(found);
}

function takeFields(type: protobuf.Type): void {
  for (const field of type.fieldsArray) take(field.type);
  for (const inner of type.nestedArray) if (inner instanceof protobuf.Type) takeFields(inner);
}

for (const service of namespace.nestedArray) {
  if (!(service instanceof protobuf.Service)) continue;
  if (wanted.length > 0 && !wanted.includes(service.name)) continue;
  const methods = service.methodsArray.map((method) => [method.name, method] as const);
  services[service.name] = Object.fromEntries(
    methods.map(([name, { requestType, responseType }]) => [name, [requestType, responseType]]),
  );
  for (const type of methods.flatMap(([, method]) => [method.requestType, method.responseType])) take(type);
}
writeFileSync(target, `${JSON.stringify({ package: packageName, services, descriptor: { nested } })}\n`);
