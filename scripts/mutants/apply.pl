# Prints a source file with one mutant applied; fails unless its text stands there exactly once.
#
# Usage: perl apply.pl MUTANT FILE
use strict;
use warnings;

sub contents {
    my ($path) = @_;
    open(my $file, '<:raw', $path) or die "$path: $!\n";
    local $/;
    return <$file>;
}

my ($mutant, $path) = @ARGV;
my ($search, $replacement) =
    contents($mutant) =~ /^--- search\n(.*)\n--- replacement\n(.*?)\n?--- end\n/ms
    or die "$mutant: not a mutant: '--- search', '--- replacement' and '--- end' are missing\n";
my $text = contents($path);
my $count = () = $text =~ /\Q$search\E/g;
die "$mutant: its text stands $count times in $path, not once\n" unless $count == 1;
$text =~ s/\Q$search\E/$replacement/;
print $text;
