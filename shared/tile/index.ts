import { ConfluenceTile } from './element.ts';

// A page may load the script twice, and an element's name can be given only once.
if (!customElements.get('confluence-tile')) customElements.define('confluence-tile', ConfluenceTile);
