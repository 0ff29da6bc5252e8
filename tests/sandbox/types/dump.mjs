// Writes JSON Schemas of the objects that the sandbox answers with, from the TypeScript types of the official SDK:
//
//   npm install --prefix DIR stripe@23.1.0 typescript@5
//   node tests/sandbox/types/dump.mjs DIR > tests/data/stripe/objects.schema.json
//
// A property with `?` may be absent, one with `| null` may be null; nothing else may be. Objects that a field only
// links to (an id, unless it is expanded) are followed where they are among ROOTS. Words that are not documented are
// no words here, although the SDK takes them.
import { createRequire } from 'node:module';
import path from 'node:path';

const folder = path.resolve(process.argv[2] ?? '.');
const require = createRequire(path.join(folder, 'package.json'));
const ts = require('typescript');
const home = path.join(folder, 'node_modules', 'stripe', 'cjs');

const ROOTS = {
  Accounts: ['Account'],
  Balance: ['Balance'],
  'BillingPortal/Configurations': ['Configuration'],
  'BillingPortal/Sessions': ['Session'],
  Charges: ['Charge'],
  'Checkout/Sessions': ['Session'],
  Customers: ['Customer', 'DeletedCustomer'],
  Events: ['EventBase'],
  InvoiceItems: ['InvoiceItem', 'DeletedInvoiceItem'],
  InvoiceLineItems: ['InvoiceLineItem'],
  Invoices: ['Invoice', 'DeletedInvoice'],
  LineItems: ['LineItem'],
  PaymentIntents: ['PaymentIntent'],
  PaymentMethods: ['PaymentMethod'],
  Prices: ['Price'],
  Products: ['Product', 'DeletedProduct'],
  SetupIntents: ['SetupIntent'],
  SubscriptionItems: ['SubscriptionItem', 'DeletedSubscriptionItem'],
  Subscriptions: ['Subscription'],
  'Tax/Registrations': ['Registration'],
  'Tax/Settings': ['Settings'],
  'V2/Core/EventDestinations': ['EventDestination'],
  WebhookEndpoints: ['WebhookEndpoint', 'DeletedWebhookEndpoint'],
};

const files = Object.keys(ROOTS).map((name) => path.join(home, 'resources', `${name}.d.ts`));
const program = ts.createProgram(files, { strict: true, noEmit: true, skipLibCheck: true, types: [] });
const checker = program.getTypeChecker();
const definitions = {};
const roots = new Set();

const ignored = ts.TypeFlags.Undefined | ts.TypeFlags.Void | ts.TypeFlags.Never;
const nameOf = (symbol) => {
  const declared = symbol.declarations[0].getSourceFile().fileName;
  const where = path.relative(path.join(home, 'resources'), declared).replace(/\.d\.ts$/, '').replaceAll(path.sep, '/');
  return `${where}.${checker.getFullyQualifiedName(symbol).replace(/^".*"\./, '')}`;
};

function union(type) {
  const parts = type.types.filter((part) => !(part.flags & ignored));
  const words = parts.filter((part) => part.isStringLiteral());
  const others = parts.filter((part) => !part.isStringLiteral() && !(part.flags & ts.TypeFlags.BooleanLiteral));
  const choices = [];
  if (words.length) choices.push({ enum: words.map((part) => part.value) });
  const flags = parts.filter((part) => part.flags & ts.TypeFlags.BooleanLiteral);
  if (flags.length) choices.push(flags.length === 2 ? { type: 'boolean' } : { const: flags[0].intrinsicName === 'true' });
  const open = (part) => part.isIntersection() && words.length; // `string & {}`: words that are not documented yet
  const linked = others.some((part) => part.flags & ts.TypeFlags.String);
  for (const part of others) {
    if (open(part)) continue;
    if (linked && part.flags & ts.TypeFlags.Object && part.symbol && !roots.has(nameOf(part.symbol))) continue;
    choices.push(schema(part));
  }
  return choices.length === 1 ? choices[0] : { anyOf: choices };
}

function schema(type) {
  if (type.isUnion()) return union(type);
  if (type.isStringLiteral()) return { const: type.value };
  if (type.isNumberLiteral()) return { const: type.value };
  if (type.flags & ts.TypeFlags.BooleanLiteral) return { const: type.intrinsicName === 'true' };
  if (type.flags & ts.TypeFlags.String) return { type: 'string' };
  if (type.flags & ts.TypeFlags.Number) return { type: 'number' };
  if (type.flags & ts.TypeFlags.Null) return { type: 'null' };
  if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return true;
  if (type.isIntersection()) return schema(type.types[0]); // a branded type: the SDK's Decimal
  if (checker.isArrayType(type)) return { type: 'array', items: schema(checker.getTypeArguments(type)[0]) };
  const name = type.symbol?.getName();
  if (checker.getPropertyOfType(type, 'isZero')) return { type: 'string' }; // the SDK's Decimal
  if (name === 'ApiList' || name === 'ApiListPromise') return list(type);
  const values = checker.getIndexTypeOfType(type, ts.IndexKind.String);
  if (values && !checker.getPropertiesOfType(type).length) return { type: 'object', additionalProperties: schema(values) };
  if (name === '__type' || name === '__object') return object(type);
  const key = nameOf(type.symbol);
  if (!(key in definitions)) {
    definitions[key] = {};
    definitions[key] = object(type);
  }
  return { $ref: `#/$defs/${key.replaceAll('/', '~1')}` };
}

function list(type) {
  const element = (type.aliasTypeArguments ?? checker.getTypeArguments(type))[0];
  return {
    type: 'object',
    properties: { object: { const: 'list' }, data: { type: 'array', items: schema(element) }, has_more: { type: 'boolean' }, url: { type: 'string' } },
    required: ['data', 'has_more', 'object', 'url'],
    additionalProperties: false,
  };
}

function object(type) {
  const properties = {};
  const required = [];
  for (const property of checker.getPropertiesOfType(type)) {
    const its = checker.getTypeOfSymbol(property);
    const parts = its.isUnion() ? its.types : [its];
    if (parts.every((part) => part.flags & ignored)) continue;
    if (property.getName() === 'lastResponse') continue;
    properties[property.getName()] = schema(its);
    if (!(property.flags & ts.SymbolFlags.Optional)) required.push(property.getName());
  }
  const open = !Object.keys(properties).length; // any object, as in an event
  return { type: 'object', properties, required: required.sort(), additionalProperties: open };
}

const wanted = [];
for (const [file, names] of Object.entries(ROOTS)) {
  const source = program.getSourceFile(path.join(home, 'resources', `${file}.d.ts`));
  if (!source) throw new Error(`no ${file}`);
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source));
  for (const name of names) {
    const symbol = exported.find((one) => one.getName() === name);
    if (!symbol) throw new Error(`no ${file}.${name}: ${exported.map((one) => one.getName()).slice(0, 20)}`);
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    roots.add(nameOf(target));
    wanted.push(target);
  }
}
for (const symbol of wanted) schema(checker.getDeclaredTypeOfSymbol(symbol));
const { ApiVersion } = require(path.join(home, 'apiVersion.js'));
process.stdout.write(`${JSON.stringify({ $comment: `From the types of npm stripe ${require(path.join(home, '..', 'package.json')).version}; MIT, see NOTICE`, 'x-api-version': ApiVersion, $defs: Object.fromEntries(Object.entries(definitions).sort()) }, null, 0)}\n`);
