import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { admin, at, ids, type Json, startSimulator } from './setup.ts';

const FOLDER = new URL('../../../shared/openapi/', import.meta.url);
const skip = existsSync(FOLDER) ? false : "Atlassian's OpenAPI documents (../shared/openapi) are not there";

interface OpenApi {
  paths: Record<string, Record<string, { responses: Record<string, { content?: Record<string, { schema: Json }> }> }>>;
  components: Json;
}

/**
 * The document as JSON Schema: `nullable` spelled out, and the gaps that real answers show filled in: a page at the
 * root has a null parent although the document does not say so.
 */
function toJsonSchema(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => toJsonSchema(item));
  if (typeof value !== 'object' || value === null) return value;
  const source = value as Json;
  const converted: Json = {};
  for (const [name, part] of Object.entries(source)) {
    if (name === 'nullable' || name === 'example' || name === 'discriminator' || name === 'xml') continue;
    converted[name] = toJsonSchema(part, name);
  }
  const nullable = source.nullable === true || key === 'parentId' || key === 'parentType' || key === 'detail';
  return nullable && ('type' in source || '$ref' in source) ? { anyOf: [converted, { type: 'null' }] } : converted;
}

function validators(file: string) {
  const document = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as OpenApi;
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv, ['date-time', 'int32', 'int64', 'float', 'double', 'uri']);
  ajv.addSchema({ $id: file, components: toJsonSchema(document.components) } as object);
  return (path: string, method = 'get'): ValidateFunction => {
    const schema = document.paths[path]?.[method]?.responses['200']?.content?.['application/json']?.schema;
    assert.ok(schema, `${file} describes no answer of ${method} ${path}`);
    const absolute = JSON.stringify(toJsonSchema(schema)).replaceAll('"#/components', `"${file}#/components`);
    return ajv.compile(JSON.parse(absolute) as object);
  };
}

async function richSite(t: Parameters<typeof startSimulator>[0]) {
  const simulator = await startSimulator(t);
  const site = await simulator.site({
    ...{ pages: 40, spaces: 4, spaceTypes: ['global', 'personal', 'system', 'knowledge_base'], folders: 2 },
    ...{ blogposts: 3, archivedPages: 2, trashedPages: 2, attachments: 10, labels: 6 },
  });
  const blog = at((await site.read('/blogposts')).results, 0);
  await simulator.control('POST', `/sites/${site.cloudId}/pages/${blog.id}/label`, { name: 'news' });
  await simulator.control('POST', `/sites/${site.cloudId}/pages/${blog.id}/attach`, { fileName: 'a.pdf' });
  return { simulator, site, blog };
}

test('every v2 answer is valid by the OpenAPI document', { skip }, async (t) => {
  const { simulator, site, blog } = await richSite(t);
  const validator = validators('confluence-v2.json');
  const page = at((await site.read('/pages?sort=id')).results, 0).id;
  const label = at((await site.read('/labels')).results, 0).id;
  const attachment = at((await site.read('/attachments')).results, 0).id;
  const space = at((await site.read('/spaces')).results, 0).id;
  const everything =
    'include-labels=true&include-versions=true&include-operations=true&include-properties=true&include-likes=true';
  const cases: [described: string, path: string][] = [
    ['/spaces', '/spaces?description-format=plain'],
    ['/spaces/{id}', `/spaces/${space}?include-labels=true&include-operations=true&description-format=view`],
    ['/spaces/{id}/pages', `/spaces/${space}/pages?body-format=storage`],
    ['/spaces/{id}/blogposts', `/spaces/${blog.spaceId}/blogposts?body-format=storage`],
    ['/spaces/{id}/content/labels', `/spaces/${space}/content/labels`],
    ['/spaces/{id}/labels', `/spaces/${space}/labels`],
    ['/pages', '/pages?body-format=atlas_doc_format&status=current,archived,trashed'],
    ['/pages/{id}', `/pages/${page}?body-format=view&${everything}`],
    ['/pages/{id}/children', `/pages/${page}/children`],
    ['/pages/{id}/direct-children', `/pages/${page}/direct-children`],
    ['/pages/{id}/descendants', `/pages/${page}/descendants?depth=5`],
    ['/pages/{id}/labels', `/pages/${page}/labels`],
    ['/pages/{id}/attachments', `/pages/${page}/attachments`],
    ['/pages/{id}/versions', `/pages/${page}/versions?body-format=storage`],
    ['/pages/{page-id}/versions/{version-number}', `/pages/${page}/versions/1`],
    ['/blogposts', '/blogposts?body-format=storage'],
    ['/blogposts/{id}', `/blogposts/${blog.id}?body-format=storage&${everything}`],
    ['/blogposts/{id}/labels', `/blogposts/${blog.id}/labels`],
    ['/blogposts/{id}/attachments', `/blogposts/${blog.id}/attachments`],
    ['/blogposts/{id}/versions', `/blogposts/${blog.id}/versions`],
    ['/labels', '/labels?prefix=global'],
    ['/labels/{id}/pages', `/labels/${label}/pages`],
    ['/labels/{id}/blogposts', `/labels/${label}/blogposts`],
    ['/labels/{id}/attachments', `/labels/${label}/attachments`],
    ['/attachments', '/attachments?sort=-modified-date'],
    ['/attachments/{id}', `/attachments/${attachment}?${everything}`],
  ];
  for (const [described, path] of cases) {
    const validate = validator(described);
    const body = await site.read<unknown>(path);
    assert.ok(validate(body), `${path}: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
  }
  const folder = await simulator.call(
    'POST',
    `/ex/confluence/${site.cloudId}/wiki/api/v2/users-bulk`,
    { accountIds: [admin.accountId] },
    simulator.bearer(site.tokens),
  );
  const validate = validator('/users-bulk', 'post');
  assert.ok(validate(folder.json()), JSON.stringify(validate.errors));
});

test('ancestors and children of folders are valid too', { skip }, async (t) => {
  const { simulator, site } = await richSite(t);
  const validator = validators('confluence-v2.json');
  const inFolder = (await site.readAll('/pages?limit=250')).find((item) => item.parentType === 'folder');
  assert.ok(inFolder, 'the generator put no page into a folder');
  const children = await site.read(`/folders/${inFolder.parentId}/direct-children`);
  assert.ok(ids(children.results).includes(inFolder.id));
  assert.ok(validator('/folders/{id}/direct-children')(children));
  const tokens = await simulator.grant([site.cloudId], { scopes: ['read:content.metadata:confluence'] });
  const ancestors = await simulator.reader(site.cloudId, tokens).read(`/pages/${inFolder.id}/ancestors`);
  assert.deepEqual(ancestors.results, [{ id: inFolder.parentId, type: 'folder' }]);
  assert.ok(validator('/pages/{id}/ancestors')(ancestors));
});

test('v1 search answers are valid by the OpenAPI document', { skip }, async (t) => {
  const { site } = await richSite(t);
  const validate = validators('confluence-v1.json')('/wiki/rest/api/search');
  for (const cql of ['type in (page, blogpost, attachment)', 'text ~ "ticket"', 'type = page order by title']) {
    const body = await site.read<Json>(`/wiki/rest/api/search?limit=50&cql=${encodeURIComponent(cql)}`);
    assert.ok((body.results as unknown[]).length > 0, cql);
    assert.ok(validate(body), `${cql}: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
  }
});
