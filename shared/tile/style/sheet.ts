import controls from './controls.css';
import motion from './motion.css';
import sections from './sections.css';
import structure from './structure.css';
import theme from './theme.css';

/** The tile's whole style sheet; later files may rely on the order. */
export const STYLES = [theme, structure, controls, sections, motion].join('\n');
