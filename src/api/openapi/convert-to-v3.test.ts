import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convertedToV3 } from './convert-to-v3.ts';

test('a document of version 2 – converted – is that of version 3: bodies, contents, parameters and references', () => {
  const parameter = { name: 'pretty', in: 'query', type: 'string', uniqueItems: true };
  const put = {
    operationId: 'replace',
    schemes: ['https'],
    consumes: ['application/json', 'application/yaml'],
    produces: ['application/json'],
    parameters: [
      { name: 'body', in: 'body', required: true, schema: { $ref: '#/definitions/Widget' } },
      { name: 'force', in: 'query', type: 'boolean' },
    ],
    responses: {
      '200': { description: 'OK', schema: { $ref: '#/definitions/Widget' } },
      '401': { description: 'Unauthorized' },
    },
    'x-kubernetes-action': 'put',
  };
  const document = {
    swagger: '2.0',
    info: { title: 'Widgets', version: 'v1' },
    paths: { '/apis/example.com/v1/widgets': { put, parameters: [parameter, { $ref: '#/parameters/a' }] } },
    definitions: {
      Widget: {
        type: 'object',
        properties: {
          $ref: { type: 'string' },
          metadata: { description: 'what', $ref: '#/definitions/Meta' },
          list: { type: 'array', items: { $ref: '#/definitions/Meta' } },
          map: { type: 'object', additionalProperties: { type: 'string' } },
        },
      },
      Meta: { type: 'object', additionalProperties: true },
    },
    securityDefinitions: {
      Bearer: { type: 'apiKey', name: 'authorization', in: 'header' },
      OAuth: { type: 'oauth2', flow: 'implicit', authorizationUrl: 'https://a', scopes: { s: 'd' } },
    },
  };
  const widget = { schema: { $ref: '#/components/schemas/Widget' } };
  assert.deepEqual(convertedToV3(document), {
    openapi: '3.0.0',
    info: { title: 'Widgets', version: 'v1' },
    paths: {
      '/apis/example.com/v1/widgets': {
        put: {
          operationId: 'replace',
          'x-kubernetes-action': 'put',
          parameters: [{ name: 'force', in: 'query', schema: { type: 'boolean' } }],
          requestBody: { content: { 'application/json': widget, 'application/yaml': widget } },
          responses: {
            '200': { description: 'OK', content: { 'application/json': widget } },
            '401': { description: 'Unauthorized' },
          },
        },
        parameters: [
          { name: 'pretty', in: 'query', schema: { type: 'string', uniqueItems: true } },
          { $ref: '#/components/parameters/a' },
        ],
      },
    },
    components: {
      schemas: {
        Widget: {
          type: 'object',
          properties: {
            $ref: { type: 'string' },
            metadata: { description: 'what', allOf: [{ $ref: '#/components/schemas/Meta' }] },
            list: { type: 'array', items: { $ref: '#/components/schemas/Meta' } },
            map: { type: 'object', additionalProperties: { type: 'string' } },
          },
        },
        Meta: { type: 'object', additionalProperties: true },
      },
      securitySchemes: {
        Bearer: { type: 'apiKey', name: 'authorization', in: 'header' },
        OAuth: {
          type: 'oauth2',
          flows: { implicit: { authorizationUrl: 'https://a', scopes: { s: 'd' } } },
        },
      },
    },
  });
});
