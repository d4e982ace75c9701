import { loadKconfig, memoryTree } from '../../../engine/source/index.ts';
import { textsBelow } from '../fixtures.ts';
import type { FuzzTarget } from '../target.ts';

/** Kconfig files, and the questions that a review asks of them. */
export async function kconfig(): Promise<FuzzTarget> {
  const asked = ['CONFIG_A', 'CONFIG_B', 'CONFIG_MMU', 'CONFIG_AREA_LOCK'];
  return {
    name: 'kconfig',
    seeds: () => [...textsBelow('sample/tree', ['Kconfig']), EVERYTHING],
    words: [
      ...[
        'config A\n',
        'menuconfig B\n',
        '\tbool "x"\n',
        '\ttristate\n',
        '\tdef_bool y\n',
        '\tdepends on ',
        '\tselect A\n',
      ],
      ...[
        '\timply B if A\n',
        '\tdefault y if !A\n',
        '\thelp\n',
        'if A && !B\n',
        'endif\n',
        'menu "m"\n',
        'endmenu\n',
      ],
      ...[
        'choice\n',
        'endchoice\n',
        'source "b/Kconfig"\n',
        '$(shell,x)',
        '||',
        '&&',
        '=',
        '!=',
        '(',
        ')',
        '\\\n',
      ],
    ],
    async run(text) {
      const kconfig = await loadKconfig(
        memoryTree(
          new Map([
            ['Kconfig', text],
            ['b/Kconfig', EVERYTHING],
          ]),
        ),
      );
      const symbols = [
        ...asked,
        ...[...text.matchAll(/\bconfig (\w+)/g)].slice(0, 4).map(([, name]) => `CONFIG_${name}`),
      ];
      kconfig.defaults(symbols);
      kconfig.implications(symbols);
      for (const symbol of symbols) {
        kconfig.definitions(symbol);
        kconfig.isPossible(new Map([[symbol, 'y']]));
      }
    },
  };
}

const EVERYTHING = `mainmenu "m"
menuconfig A
	bool "a" if B
	depends on B || !MMU
	select AREA_LOCK if B != n
config B
	tristate "b"
	default m if A && (MMU = y)
	imply A
	help
	  Words.
if MMU
choice
	prompt "p"
	default C
config C
	bool "c"
config D
	bool "d"
endchoice
endif
config MMU
	def_bool $(success,true)
`;
