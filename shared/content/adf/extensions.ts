import { element, type TreeNode, text } from '../tree.ts';
import { macro, type ReadContent } from './build.ts';
import { type AdfNode, attr, isRecord } from './read.ts';

/**
 * A macro of Confluence is the macro it is in storage format; an app's extension has nothing to read but its title and
 * its body, so it goes the way of a macro that is not known.
 */
export function extension(node: AdfNode, content: ReadContent): TreeNode[] {
  const parameters = isRecord(node.attrs.parameters) ? node.attrs.parameters : {};
  const children = content(node);
  const rich = children.length > 0 ? element('ac:rich-text-body', {}, children) : undefined;
  if (!attr(node, 'extensionType').startsWith('com.atlassian.confluence.macro')) {
    const title = extensionTitle(node, parameters);
    return rich ? [macro(title, {}, rich)] : [appExtension(title)];
  }
  const values = macroParameters(parameters.macroParams);
  const plain = values.__bodyContent;
  delete values.__bodyContent;
  const body = plain === undefined ? rich : element('ac:plain-text-body', {}, [text(plain, true)]);
  return [macro(attr(node, 'extensionKey'), values, body)];
}

function macroParameters(values: unknown): Record<string, string> {
  const parameters: Record<string, string> = {};
  if (!isRecord(values)) return parameters;
  for (const [name, holder] of Object.entries(values)) {
    const value = isRecord(holder) ? holder.value : holder;
    if (typeof value === 'string') parameters[name] = value;
  }
  return parameters;
}

function extensionTitle(node: AdfNode, parameters: Record<string, unknown>): string {
  const title = attr(node, 'text') || parameters.extensionTitle;
  return typeof title === 'string' && title !== ''
    ? title
    : attr(node, 'extensionKey').split('/').at(-1) || 'extension';
}

function appExtension(title: string): TreeNode {
  const named = element('ac:adf-attribute', { key: 'text' }, [text(title)]);
  return element('ac:adf-extension', {}, [element('ac:adf-node', { type: 'extension' }, [named])]);
}
