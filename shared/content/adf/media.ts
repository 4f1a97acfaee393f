import { attachmentsUrl } from '../links.ts';
import { type ElementNode, element, isElement, type TreeNode, text } from '../tree.ts';
import type { AdfPage, ReadContent } from './build.ts';
import { type AdfNode, attr, readNode } from './read.ts';

/** A picture in the text. ADF names files by a media id; the editor keeps the file's name as the alternative text. */
export function media(node: AdfNode, _content: ReadContent, { site }: AdfPage): TreeNode[] {
  const alt = attr(node, 'alt');
  const fileName = attr(node, '__fileName') || alt;
  if (attr(node, 'url') !== '') return [image(alt, element('ri:url', { 'ri:value': attr(node, 'url') }))];
  if (fileName !== '') return [image(alt, element('ri:attachment', { 'ri:filename': fileName }))];
  return [element('a', { href: attachmentsUrl(site) }, [text('Attached file')])];
}

function image(alt: string, resource: ElementNode): ElementNode {
  return element('ac:image', alt === '' ? {} : { 'ac:alt': alt }, [resource]);
}

/** A picture between blocks, with its caption. */
export function mediaSingle(node: AdfNode, content: ReadContent): TreeNode[] {
  const children = content(node);
  const captions = children.filter((child) => isElement(child) && child.name === 'ac:caption');
  const pictures = children.filter((child) => !captions.includes(child));
  return [element('p', {}, pictures), ...captions];
}

/** Files shown as cards. */
export function mediaGroup(node: AdfNode, content: ReadContent, page: AdfPage): TreeNode[] {
  return node.content.flatMap((value) => {
    const file = readNode(value);
    if (!file) return [];
    const fileName = attr(file, '__fileName') || attr(file, 'alt');
    if (fileName === '') return [element('p', {}, media(file, content, page))];
    const resource = element('ri:attachment', { 'ri:filename': fileName });
    return [element('p', {}, [element('ac:link', {}, [resource])])];
  });
}
